package tributary.app.cli;

import java.io.PrintWriter;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tributary completion bash`: lines for the shell's own start file. They ask `tributary complete` at each TAB, so
/// they never grow old.
@Command(
        name = "completion",
        description = {
            "Print what makes a shell complete commands, options and names of devices: bash, zsh or fish.",
            "bash, zsh: source <(tributary completion bash)      fish: tributary completion fish | source"
        })
final class CompletionCommand implements Runnable {
    private static final Map<String, String> SCRIPTS = Map.of("bash", """
            _tributary() {
                local line
                COMPREPLY=()
                while IFS= read -r line; do COMPREPLY+=("$line"); done < <(
                    "${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
                [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
            }
            complete -o default -F _tributary tributary ./tributary
            """, "zsh", """
            _tributary() {
                local -a found
                found=("${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
                compadd -a found
            }
            compdef _tributary tributary
            """, "fish", """
            function __tributary
                set -l words (commandline -opc) (commandline -ct)
                $words[1] complete -- $words[2..-1] 2>/dev/null
            end
            complete -c tributary -f -a '(__tributary)'
            """);

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before any command runs
    private CommandSpec spec;

    @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish")
    private String shell = "";

    @Override
    public void run() {
        @Nullable String script = SCRIPTS.get(shell);
        if (script == null) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "completion is for bash, zsh and fish, was '" + shell + "'",
                    "tributary completion bash");
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(script);
        out.flush();
    }
}
