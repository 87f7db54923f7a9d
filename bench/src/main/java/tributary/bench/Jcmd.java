package tributary.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Asks a Java process beside us what its heap and direct memory hold, with the `jcmd` of our own JDK.
/// Empty answers where the process is no Java, or of another user.
final class Jcmd {
    private static final Pattern HEAP = Pattern.compile("^ *(\\S.*?) +total \\d+K, used (\\d+)K", Pattern.MULTILINE);
    private static final Pattern G1 = Pattern.compile("garbage-first heap +total .*?used (\\d+)K");
    private static final Pattern OTHER = Pattern.compile("- +Other \\(reserved=\\d+KB, committed=(\\d+)KB");

    private final long pid;

    Jcmd(long pid) {
        this.pid = pid;
    }

    /// Collects garbage there, so that what is used is what is needed.
    void collect() throws InterruptedException {
        ask("GC.run");
        ask("GC.run");
    }

    /// @return bytes of heap in use
    OptionalLong heapBytes() throws InterruptedException {
        String info = ask("GC.heap_info");
        Matcher g1 = G1.matcher(info);
        if (g1.find()) {
            return OptionalLong.of(Long.parseLong(g1.group(1)) * 1024);
        }
        long sum = 0;
        boolean found = false;
        Matcher spaces = HEAP.matcher(info);
        while (spaces.find()) {
            if (!spaces.group(1).contains("Metaspace")) {
                sum += Long.parseLong(spaces.group(2)) * 1024;
                found = true;
            }
        }
        return found ? OptionalLong.of(sum) : OptionalLong.empty();
    }

    /// @return bytes of direct memory, where the process counts its native memory
    ///         (`-XX:NativeMemoryTracking=summary`)
    OptionalLong directBytes() throws InterruptedException {
        Matcher other = OTHER.matcher(ask("VM.native_memory"));
        return other.find() ? OptionalLong.of(Long.parseLong(other.group(1)) * 1024) : OptionalLong.empty();
    }

    /// Only a Java process may be asked: the question begins with a signal that ends others.
    private boolean isJava() throws IOException {
        Path name = Path.of("/proc/" + pid + "/comm");
        return pid > 0
                && Files.isReadable(name)
                && Files.readString(name).strip().equals("java");
    }

    private String ask(String question) throws InterruptedException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        try {
            if (!isJava()) {
                return "";
            }
            Process process = new ProcessBuilder(jcmd.toString(), Long.toString(pid), question)
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? said : "";
        } catch (IOException e) {
            return "";
        }
    }
}
