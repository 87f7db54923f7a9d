package tributary.sinks.folder;

import java.time.Duration;
import tributary.sinks.Pace;
import tributary.sinks.SinkFields;
import tributary.sinks.SinkType;

/// A delivery stream: files that grow until they are large or old enough, and then appear whole under their name.
public final class FolderType implements SinkType {
    @Override
    public String name() {
        return "folder";
    }

    @Override
    public Pace pace() {
        return Pace.batches(1000, Duration.ZERO);
    }

    @Override
    public Plan plan(SinkFields fields, Place place) {
        Shape shape = Shape.read(fields);
        return () -> new FileSink(shape, place, new FolderShelf(place.output(), FileSink.mark(place)));
    }
}
