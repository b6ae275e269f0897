# SPDX-License-Identifier: Apache-2.0
# jq -f work.jq FILE...: groups, sums and strings of a list of orders.
[.[] | {who: .customer.name, sum: ([.items[] | .count * .price] | add), tags: (.tags | map(ascii_upcase) | join("+"))}]
| group_by(.who)
| map({who: .[0].who, orders: length, sum: (map(.sum) | add), tags: (map(.tags) | unique | length)})
| sort_by(-.sum, .who) | .[0:20]
