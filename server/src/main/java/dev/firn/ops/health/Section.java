package dev.firn.ops.health;

/// The parts of the health page: the seed's six, and what it did not have.
public enum Section {
    RECEIVERS("Receivers (OTEL Collector)"),
    UPLOADER("Lake uploader (S3 Uploader)"),
    ENGINE("Engine (ClickHouse)"),
    FRESHNESS("Data freshness"),
    DISK("Disk and buffer"),
    UPLOADS("Uploads of the last hour"),
    AROUND("Clocks and certificates");

    private final String title;

    Section(String title) {
        this.title = title;
    }

    /// For people.
    public String title() {
        return title;
    }
}
