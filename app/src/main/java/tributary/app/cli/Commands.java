package tributary.app.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;
import tributary.app.server.ConfigurationException;
import tributary.bench.Bench;
import tributary.model.PlatformException;

/// The root of the command line.
@Command(
        name = "tributary",
        description = "An IoT data platform in one process: what it acknowledges is on disk.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "First steps:  tributary demo      then: tributary send my-first temp=21.5", ""})
public final class Commands {
    /// By name, in the order of the help. Reading the options of all costs a third of a second, so a command line that
    /// begins with a name gets only that one.
    private static final Map<String, Class<?>> BY_NAME = byName();

    private static final Help.ColorScheme PLAIN = Help.defaultColorScheme(Help.Ansi.OFF);

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before any command runs
    private CommandSpec spec;

    private Commands() {}

    @Option(
            names = "--no-color",
            scope = ScopeType.INHERIT,
            description = "no bold and no colours in help; $NO_COLOR and TERM=dumb say the same")
    private void plain(boolean plain) {
        if (plain) {
            spec.commandLine().setColorScheme(PLAIN);
        }
    }

    /// Runs one command line.
    ///
    /// @return the exit code
    public static int run(String... arguments) {
        return commandLine(arguments).execute(arguments.length == 0 ? new String[] {"help"} : arguments);
    }

    static CommandLine commandLine(String... arguments) {
        CommandLine line = new CommandLine(Commands.class);
        String first = arguments.length == 0 ? "" : arguments[0];
        Class<?> only = BY_NAME.get(first);
        (only == null ? BY_NAME : Map.of(first, only)).forEach(line::addSubcommand);
        line.addSubcommand(HelpCommand.class);
        helpful(line);
        if ("dumb".equals(System.getenv("TERM"))) {
            line.setColorScheme(PLAIN);
        }
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setUsageHelpAutoWidth(true);
        line.setParameterExceptionHandler(Commands::usage);
        line.setExecutionExceptionHandler((failure, command, _) -> explain(failure, command.getErr()));
        return line;
    }

    private static Map<String, Class<?>> byName() {
        Map<String, Class<?>> all = new LinkedHashMap<>();
        all.put("up", UpCommand.class);
        all.put("demo", DemoCommand.class);
        all.put("link", LinkCommand.class);
        all.put("send", SendCommand.class);
        all.put("tail", TailCommand.class);
        all.put("explain", ExplainCommand.class);
        all.put("decode", DecodeCommand.class);
        all.put("sql", SqlCommand.class);
        all.put("device", DeviceCommand.class);
        all.put("snippet", SnippetCommand.class);
        all.put("tenant", TenantCommand.class);
        all.put("session", SessionCommand.class);
        all.put("rule", RuleCommand.class);
        all.put("function", FunctionCommand.class);
        all.put("table", TableCommand.class);
        all.put("alarm", AlarmCommand.class);
        all.put("silence", SilenceCommand.class);
        all.put("sink", SinkCommand.class);
        all.put("apply", ApplyCommand.Apply.class);
        all.put("diff", ApplyCommand.Diff.class);
        all.put("plan", ApplyCommand.Planned.class);
        all.put("cert", CertCommand.class);
        all.put("ca", CaCommand.class);
        all.put("import", ImportCommand.class);
        all.put("backup", BackupCommand.class);
        all.put("restore", RestoreCommand.class);
        all.put("lake", LakeCommand.class);
        all.put("simulate", SimulateCommand.class);
        all.put("bench", Bench.class);
        all.put("status", StatusCommand.class);
        all.put("top", TopCommand.class);
        all.put("doctor", DoctorCommand.class);
        all.put("bundle", BundleCommand.class);
        all.put("cheat", CheatCommand.class);
        all.put("completion", CompletionCommand.class);
        all.put("complete", CompleteCommand.class);
        all.put("version", VersionCommand.class);
        all.put("warm-up", WarmUpCommand.class);
        all.put("warm-up-client", WarmUpClientCommand.class);
        return all;
    }

    /// Every command understands --help.
    private static void helpful(CommandLine line) {
        if (!line.getCommandSpec().mixinStandardHelpOptions()) {
            line.getCommandSpec().mixinStandardHelpOptions(true);
        }
        line.getSubcommands().values().forEach(Commands::helpful);
    }

    private static int usage(ParameterException failure, String[] arguments) {
        PrintWriter err = failure.getCommandLine().getErr();
        err.println("tributary: " + failure.getMessage());
        if (!UnmatchedArgumentException.printSuggestions(failure, err)) {
            err.println("  " + failure.getCommandLine().getCommandSpec().qualifiedName()
                    + " --help      lists what it takes");
        }
        err.flush();
        return ExitCode.USAGE.number();
    }

    /// What failed, why, and what to type next; a bug shows its stack, because somebody has to read it.
    private static int explain(Exception failure, PrintWriter err) {
        ExitCode code = switch (failure) {
            case CommandFailure command -> {
                err.println("tributary: " + command.getMessage());
                yield command.code();
            }
            case PlatformException world -> {
                err.println("tributary: " + world.detail());
                yield ExitCode.FAILED;
            }
            case ConfigurationException wrong -> {
                err.println("tributary: " + wrong.getMessage());
                yield ExitCode.USAGE;
            }
            default -> {
                err.println("tributary: this is a bug, please report it with these lines");
                failure.printStackTrace(err);
                yield ExitCode.FAILED;
            }
        };
        err.flush();
        return code.number();
    }
}
