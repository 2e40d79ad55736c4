/// What storing and asking costs, and whose cost it is. In come the log's cuts, sizes of what is
/// stored and prices; out go quantities by data plane, environment, service, team and metric, whose
/// sums are the totals to the byte.
///
/// Never here: estimates in place of counts. What belongs to nobody is a row of its own.
@NullMarked
package dev.firn.analyse.cost;

import org.jspecify.annotations.NullMarked;
