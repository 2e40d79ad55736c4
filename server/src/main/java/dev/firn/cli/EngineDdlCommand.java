package dev.firn.cli;

import dev.firn.base.InputException;
import dev.firn.config.Config;
import dev.firn.config.EngineServerConfig;
import dev.firn.engine.ClusterSql;
import dev.firn.engine.EngineCluster;
import dev.firn.engine.Schema;
import dev.firn.engine.TimePrecision;
import dev.firn.query.StoreViews;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "ddl",
        mixinStandardHelpOptions = true,
        description =
                "Prints the statements that make the engine's database, for review; nothing is asked of any engine.",
        footer = {"", "Example:", "  firn engine ddl --cluster metrics > metrics.sql"})
final class EngineDdlCommand implements Callable<Integer> {
    @Mixin private final ConfigOption config = new ConfigOption();

    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            description =
                    "As for this cluster (default: engine.cluster; without one, for a server).")
    private @Nullable String cluster;

    @Option(
            names = "--keeper-path",
            paramLabel = "PATH",
            description = "Where replicas meet (default: engine.keeper_path).")
    private @Nullable String keeperPath;

    @Override
    public Integer call() {
        Config settings = config.read();
        String database = settings.engine().database();
        var schema = new Schema(database, TimePrecision.of(settings.engine().timePrecision()));
        var plain = new ArrayList<>(schema.tables());
        plain.addAll(schema.rollupViews(settings.rollup()));
        plain.addAll(StoreViews.statements(database, false));
        for (String statement : rendered(plain, settings.engine())) {
            System.out.println(statement + ";\n");
        }
        return 0;
    }

    private List<String> rendered(List<String> plain, Config.Engine engine) {
        String name =
                cluster != null
                        ? cluster
                        : engine.server().map(EngineServerConfig::cluster).orElse("");
        if (name.isEmpty()) {
            return plain;
        }
        if (!name.matches("[A-Za-z_][A-Za-z0-9_.-]{0,62}")) {
            throw new InputException("--cluster: \"" + name + "\" is no cluster's name");
        }
        String path =
                keeperPath != null
                        ? keeperPath
                        : engine.server()
                                .map(EngineServerConfig::keeperPath)
                                .orElse(EngineServerConfig.KEEPER_PATH);
        var sql = new ClusterSql(name, engine.database(), path);
        var all = new ArrayList<String>();
        plain.forEach(statement -> all.addAll(sql.rewrite(statement)));
        sql.rewrite(EngineCluster.placement(engine.database())).forEach(all::add);
        return List.copyOf(all);
    }
}
