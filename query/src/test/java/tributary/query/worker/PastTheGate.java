package tributary.query.worker;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tributary.query.wire.Setup;

/// A process with every wall but the gate: what would happen if a statement got past it. For [WallsTest].
final class PastTheGate {
    private PastTheGate() {}

    /// @param arguments library, folder, a file of statements, then what Java needs to read
    public static void main(String[] arguments) throws Exception {
        List<String> statements = Files.readAllLines(Path.of(arguments[2]));
        List<String> readable = List.of(arguments).subList(3, arguments.length);
        Setup setup = new Setup(arguments[0], arguments[1], readable, 256L << 20, 1, 1);
        List<String> standing = new ArrayList<>();
        try (Engine engine = WorkerMain.open(setup, new OsWalls(), standing)) {
            System.out.println("walls " + standing);
            for (String statement : statements) {
                try (Engine.Session session = engine.session()) {
                    session.run(statement);
                    System.out.println("DONE " + statement);
                } catch (EngineException e) {
                    System.out.println("FAILED " + statement + " :: "
                            + String.valueOf(e.getMessage()).replace('\n', ' '));
                }
            }
        }
        Runtime.getRuntime().halt(0);
    }
}
