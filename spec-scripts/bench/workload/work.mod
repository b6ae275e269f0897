# SPDX-License-Identifier: Apache-2.0
# glpsol: which of @N@ places to open so that 3 * @N@ customers are served at the least cost (relaxed).
param n := @N@;
set PLACES := 1..n;
set CUSTOMERS := 1..3 * n;
param fixed{p in PLACES} := 50 + (p * 7919) mod 101;
param cost{p in PLACES, c in CUSTOMERS} := 1 + ((p * 104729 + c * 31337) mod 1009) / 16;
var open{PLACES} >= 0, <= 1;
var serve{PLACES, CUSTOMERS} >= 0;
minimize total: sum{p in PLACES} fixed[p] * open[p] + sum{p in PLACES, c in CUSTOMERS} cost[p, c] * serve[p, c];
s.t. once{c in CUSTOMERS}: sum{p in PLACES} serve[p, c] = 1;
s.t. room{p in PLACES}: sum{c in CUSTOMERS} serve[p, c] <= 7 * open[p];
solve;
printf "%.6g\n", total;
end;
