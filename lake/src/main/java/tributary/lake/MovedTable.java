package tributary.lake;

import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.RewriteTablePathUtil;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.OutputFile;

/// Metadata of a table, written anew for another place: the names in it are absolute. Of its snapshots the
/// newest stays, with its number, its commit's number and what it says of positions; files keep the commits
/// they came with.
///
/// @param metadata the location of the table's new metadata file
/// @param drafts   by the location that files were written to the one that the metadata names
record MovedTable(String metadata, Map<String, String> drafts) {
    private static final String METADATA = "/metadata/";

    /// What the old and the new place are called.
    ///
    /// @param from  the table's location
    /// @param to    its new location
    /// @param draft what names of new files begin with until they are renamed, or ""
    record Names(String from, String to, String draft) {
        private String home(String location) {
            return to + METADATA + RewriteTablePathUtil.fileName(location);
        }

        private String draft(String location) {
            return to + METADATA + draft + RewriteTablePathUtil.fileName(location);
        }
    }

    /// @param io finds files by their old names, and writes by new ones
    static MovedTable write(FileIO io, Names names, String metadataLocation) throws IOException {
        TableMetadata old = TableMetadataParser.read(io, metadataLocation);
        Snapshot current = old.currentSnapshot();
        TableMetadata only = current == null
                ? old
                : old.removeSnapshotsIf(snapshot -> snapshot.snapshotId() != current.snapshotId());
        Map<String, String> drafts = new LinkedHashMap<>();
        if (current != null) {
            Map<String, Long> lengths = new HashMap<>();
            Set<Long> wanted = Set.of(current.snapshotId());
            for (ManifestFile manifest : current.allManifests(io)) {
                String draft = names.draft(manifest.path());
                OutputFile out = io.newOutputFile(draft);
                switch (manifest.content()) {
                    case DATA ->
                        RewriteTablePathUtil.rewriteDataManifest(
                                manifest, wanted, out, io, old.formatVersion(), old.specsById(), names.from, names.to);
                    case DELETES ->
                        RewriteTablePathUtil.rewriteDeleteManifest(
                                manifest,
                                wanted,
                                out,
                                io,
                                old.formatVersion(),
                                old.specsById(),
                                names.from,
                                names.to,
                                names.to);
                }
                lengths.put(manifest.path(), out.toInputFile().getLength());
                drafts.put(draft, names.home(manifest.path()));
            }
            String list = names.draft(current.manifestListLocation());
            RewriteTablePathUtil.rewriteManifestList(current, io, only, lengths, names.from, names.to, names.to, list);
            drafts.put(list, names.home(current.manifestListLocation()));
        }
        String name = RewriteTablePathUtil.fileName(metadataLocation);
        String number = name.substring(0, name.indexOf('-'));
        String suffix = name.endsWith(".gz.metadata.json") ? ".gz.metadata.json" : ".metadata.json";
        String now = names.to + METADATA + number + "-" + UUID.randomUUID() + suffix;
        TableMetadataParser.write(RewriteTablePathUtil.replacePaths(only, names.from, names.to), io.newOutputFile(now));
        return new MovedTable(now, drafts);
    }
}
