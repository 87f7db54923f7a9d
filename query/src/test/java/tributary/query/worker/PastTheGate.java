package tributary.query.worker;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tributary.query.wire.Setup;

/// A process with every wall but the gate: what would happen if a statement got past it. For the tests of the walls.
final class PastTheGate {
    private PastTheGate() {}

    /// @param arguments library, folder, a file of statements, texts that no answer may show, then what Java needs to
    ///                  read
    public static void main(String[] arguments) throws Exception {
        List<String> statements = Files.readAllLines(Path.of(arguments[2]));
        List<String> canaries = arguments[3].isEmpty() ? List.of() : List.of(arguments[3].split(","));
        List<String> readable = List.of(arguments).subList(4, arguments.length);
        Setup setup = new Setup(arguments[0], arguments[1], readable, 256L << 20, 1, 1);
        List<String> standing = new ArrayList<>();
        try (Engine engine = WorkerMain.open(setup, new OsWalls(), standing)) {
            System.out.println("walls " + standing);
            for (String statement : statements) {
                try (Engine.Session session = engine.session()) {
                    if (shows(session, statement, canaries)) {
                        System.out.println("SHOWED " + statement);
                    }
                    System.out.println("DONE " + statement);
                } catch (EngineException e) {
                    System.out.println("FAILED " + statement + " :: "
                            + String.valueOf(e.getMessage()).replace('\n', ' '));
                }
            }
        }
        Runtime.getRuntime().halt(0);
    }

    /// @return whether the statement's answer has one of the canaries
    private static boolean shows(Engine.Session session, String statement, List<String> canaries)
            throws EngineException {
        boolean found = false;
        try (Engine.Answer answer = session.query(statement, List.of())) {
            for (Engine.Batch batch = answer.next(); batch != null; batch = answer.next()) {
                String bytes = new String(batch.message(), StandardCharsets.ISO_8859_1);
                found |= canaries.stream().anyMatch(bytes::contains);
            }
        }
        return found;
    }
}
