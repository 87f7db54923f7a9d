package tributary.app.score;

import java.nio.file.Path;

/// Something that may happen to a server, done to the real program under load.
interface Trial {
    String name();

    /// What is done, in a line for the table.
    String what(int rounds);

    /// How often it is done in the short form, and in the long one.
    int rounds(boolean whole);

    /// @param work a folder of its own
    Score run(Path work, int rounds) throws Exception;
}
