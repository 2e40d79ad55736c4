package dev.firn.lake.store;

import dev.firn.base.Clock;
import dev.firn.config.S3Config;
import dev.firn.lake.LakeFiles;
import dev.firn.lake.StableCopies;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.iceberg.aws.s3.S3FileIO;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.DelegateFileIO;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.StorageCredential;
import org.apache.iceberg.io.SupportsStorageCredentials;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.S3Client;

/// Iceberg's file access by location: `s3://…` through [S3FileIO], local paths through [LakeFiles].
/// New data files of a day that is old go into the storage class for old data. Thread-safe.
public final class StoreFiles implements DelegateFileIO, SupportsStorageCredentials, StableCopies {
    private static final long serialVersionUID = 1;

    /// As Iceberg writes the partition by day of `time`.
    private static final Pattern DAY = Pattern.compile("/time_day=(\\d{4}-\\d{2}-\\d{2})/");

    private final transient S3Config config;
    private final transient S3Clients clients;
    private final transient LakeFiles local;
    private final transient Path staging;
    private final transient Clock clock;
    private final HashMap<String, String> vended;
    private transient List<StorageCredential> credentials = List.of();
    private transient @Nullable S3FileIO files; // guarded by this, as is the next
    private transient @Nullable S3FileIO oldFiles;

    /// @param local for locations that are not on S3
    /// @param staging a directory in which files wait until they are whole
    /// @param retried told of each attempt of a request but the first
    StoreFiles(S3Config config, LakeFiles local, Path staging, Clock clock, Runnable retried) {
        this(config, new S3Clients(config, retried), local, staging, clock, Map.of());
    }

    private StoreFiles(
            S3Config config,
            S3Clients clients,
            LakeFiles local,
            Path staging,
            Clock clock,
            Map<String, String> vended) {
        this.config = config;
        this.clients = clients;
        this.local = local;
        this.staging = staging;
        this.clock = clock;
        this.vended = new HashMap<>(vended);
    }

    /// The same files, reached with what a REST catalog says about a table.
    StoreFiles with(Map<String, String> properties) {
        return new StoreFiles(config, clients, local, staging, clock, properties);
    }

    static boolean onS3(String location) {
        return location.startsWith("s3://")
                || location.startsWith("s3a://")
                || location.startsWith("s3n://");
    }

    private FileIO of(String location) {
        return onS3(location) ? s3() : local;
    }

    private synchronized S3FileIO s3() {
        if (files == null) {
            files = open(config.storageClass());
        }
        return files;
    }

    private synchronized S3FileIO oldS3() {
        if (oldFiles == null) {
            oldFiles = open(config.oldStorageClass());
        }
        return oldFiles;
    }

    private S3FileIO open(String storageClass) {
        var access = new HashMap<>(vended);
        String longest = "";
        for (StorageCredential one : credentials) {
            if (onS3(one.prefix()) && one.prefix().length() >= longest.length()) {
                longest = one.prefix();
                access.putAll(one.config());
            }
        }
        S3Client client = clients.client(access);
        var io = new S3FileIO(() -> client);
        io.initialize(properties(storageClass));
        return io;
    }

    private Map<String, String> properties(String storageClass) {
        var properties = new HashMap<String, String>();
        properties.put("init-creation-stacktrace", "false");
        properties.put(S3FileIOProperties.MULTIPART_SIZE, Long.toString(config.partSize()));
        properties.put(S3FileIOProperties.STAGING_DIRECTORY, staging.toString());
        switch (config.encryption()) {
            case NONE -> {}
            case AES256 ->
                    properties.put(S3FileIOProperties.SSE_TYPE, S3FileIOProperties.SSE_TYPE_S3);
            case KMS -> {
                properties.put(S3FileIOProperties.SSE_TYPE, S3FileIOProperties.SSE_TYPE_KMS);
                if (!config.kmsKey().isEmpty()) {
                    properties.put(S3FileIOProperties.SSE_KEY, config.kmsKey());
                }
            }
        }
        if (!storageClass.isEmpty()) {
            properties.put(S3FileIOProperties.WRITE_STORAGE_CLASS, storageClass);
        }
        return properties;
    }

    /// The client that the files are reached with.
    S3Client client() {
        return s3().client();
    }

    @Override
    public void setCredentials(List<StorageCredential> all) {
        credentials = List.copyOf(all);
    }

    @Override
    public List<StorageCredential> credentials() {
        return credentials;
    }

    @Override
    public Map<String, String> properties() {
        return Map.copyOf(vended);
    }

    @Override
    public InputFile newInputFile(String location) {
        return of(location).newInputFile(location);
    }

    @Override
    public InputFile newInputFile(String location, long length) {
        return of(location).newInputFile(location, length);
    }

    @Override
    public OutputFile newOutputFile(String location) {
        boolean old = onS3(location) && !config.oldStorageClass().isEmpty() && isOld(location);
        return (old ? oldS3() : of(location)).newOutputFile(location);
    }

    private boolean isOld(String location) {
        Matcher day = DAY.matcher(location);
        if (!day.find()) {
            return false;
        }
        try {
            long endsAt = LocalDate.parse(day.group(1)).plusDays(1).toEpochDay() * 86_400;
            return endsAt * 1_000_000_000L < clock.nanos() - config.oldAfterNanos();
        } catch (DateTimeException e) {
            return false; // somebody else's folder
        }
    }

    @Override
    public void deleteFile(String location) {
        of(location).deleteFile(location);
    }

    @Override
    public void deleteFiles(Iterable<String> locations) throws BulkDeletionFailureException {
        var remote = new ArrayList<String>();
        for (String location : locations) {
            if (onS3(location)) {
                remote.add(location);
            } else {
                local.deleteFile(location);
            }
        }
        if (!remote.isEmpty()) {
            s3().deleteFiles(remote);
        }
    }

    @Override
    public Iterable<FileInfo> listPrefix(String prefix) {
        return onS3(prefix) ? s3().listPrefix(prefix) : local.listPrefix(prefix);
    }

    @Override
    public void deletePrefix(String prefix) {
        if (onS3(prefix)) {
            s3().deletePrefix(prefix);
        } else {
            local.deletePrefix(prefix);
        }
    }

    /// One PUT on S3: a reader gets the old or the new object.
    @Override
    public void replaceWithCopy(String from, String to) throws IOException {
        if (!onS3(to)) {
            local.replaceWithCopy(from, to);
            return;
        }
        byte[] contents;
        try (var in = newInputFile(from).newStream()) {
            contents = in.readAllBytes();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        try (OutputStream out = newOutputFile(to).createOrOverwrite()) {
            out.write(contents);
        }
    }

    @Override
    public synchronized void close() {
        if (files != null) {
            files.close();
        }
        if (oldFiles != null) {
            oldFiles.close();
        }
    }
}
