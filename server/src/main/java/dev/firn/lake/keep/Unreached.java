package dev.firn.lake.keep;

import dev.firn.base.WorldException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;

/// The files that some snapshots reach and others do not.
///
/// @param data data (and delete) files with their bytes, by location
/// @param manifests with their bytes, by location
/// @param lists locations of manifest lists
record Unreached(Map<String, Long> data, Map<String, Long> manifests, Set<String> lists) {
    static final Unreached NOTHING = new Unreached(Map.of(), Map.of(), Set.of());

    /// Called between two files read.
    interface Step {
        void read(long bytes) throws InterruptedException;
    }

    /// All files.
    long files() {
        return data.size() + manifests.size() + lists.size();
    }

    /// Bytes of data files and manifests.
    long bytes() {
        return sum(data) + sum(manifests);
    }

    private static long sum(Map<String, Long> sizes) {
        return sizes.values().stream().mapToLong(Long::longValue).sum();
    }

    /// All locations, in an order in which a half-done deletion leaves nothing that points nowhere:
    /// data, manifests, lists.
    List<String> inOrder() {
        var all = new ArrayList<String>(data.keySet());
        all.addAll(manifests.keySet());
        all.addAll(lists);
        return all;
    }

    /// @param gone snapshots that no metadata names any more
    /// @param kept all that are named, those first that are likely to share files with `gone`
    static Unreached of(
            FileIO io,
            Map<Integer, PartitionSpec> specs,
            Collection<Snapshot> gone,
            Collection<Snapshot> kept,
            Step step)
            throws InterruptedException {
        var lists = new LinkedHashSet<String>();
        var candidates = new LinkedHashMap<String, ManifestFile>();
        for (Snapshot snapshot : gone) {
            if (snapshot.manifestListLocation() != null) {
                lists.add(snapshot.manifestListLocation());
            }
            for (ManifestFile manifest : snapshot.allManifests(io)) {
                candidates.put(manifest.path(), manifest);
            }
            step.read(0);
        }
        var keptManifests = new HashMap<String, ManifestFile>();
        for (Snapshot snapshot : kept) {
            lists.remove(snapshot.manifestListLocation());
            if (candidates.isEmpty()) {
                continue; // what is left are lists, and they have no parts
            }
            for (ManifestFile manifest : snapshot.allManifests(io)) {
                keptManifests.put(manifest.path(), manifest);
                candidates.remove(manifest.path());
            }
            step.read(0);
        }
        Map<String, Long> data = candidateFiles(io, specs, candidates.values(), step);
        for (ManifestFile manifest : keptManifests.values()) {
            if (data.isEmpty()) {
                break;
            }
            live(io, specs, manifest, file -> data.remove(file.location()));
            step.read(manifest.length());
        }
        var manifests = new LinkedHashMap<String, Long>();
        candidates.forEach((path, manifest) -> manifests.put(path, manifest.length()));
        return new Unreached(data, manifests, lists);
    }

    private static Map<String, Long> candidateFiles(
            FileIO io,
            Map<Integer, PartitionSpec> specs,
            Collection<ManifestFile> manifests,
            Step step)
            throws InterruptedException {
        var data = new LinkedHashMap<String, Long>();
        for (ManifestFile manifest : manifests) {
            live(io, specs, manifest, file -> data.put(file.location(), file.fileSizeInBytes()));
            step.read(manifest.length());
        }
        return data;
    }

    /// Hands out each file that a manifest holds as live.
    static void live(
            FileIO io,
            Map<Integer, PartitionSpec> specs,
            ManifestFile manifest,
            Consumer<ContentFile<?>> each) {
        try (CloseableIterable<? extends ContentFile<?>> files =
                manifest.content() == ManifestContent.DATA
                        ? ManifestFiles.read(manifest, io, specs)
                        : ManifestFiles.readDeleteManifest(manifest, io, specs)) {
            files.forEach(each);
        } catch (IOException e) {
            throw new WorldException(
                    "cannot read manifest \"" + manifest.path() + "\": " + e.getMessage(), e);
        }
    }

    /// Locations of all manifests that snapshots hold, each once.
    static Set<ManifestFile> manifests(FileIO io, Collection<Snapshot> snapshots, Step step)
            throws InterruptedException {
        var manifests = new HashSet<ManifestFile>();
        for (Snapshot snapshot : snapshots) {
            manifests.addAll(snapshot.allManifests(io));
            step.read(0);
        }
        return manifests;
    }
}
