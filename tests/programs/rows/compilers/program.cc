/* SPDX-License-Identifier: Apache-2.0 */
/* What both C++ compilers build. */
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <future>
#include <iostream>
#include <map>
#include <numeric>
#include <random>
#include <regex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>
template <int N> struct F {
    static constexpr long long v = F<N - 1>::v + F<N - 2>::v;
};
template <> struct F<1> {
    static constexpr long long v = 1;
};
template <> struct F<0> {
    static constexpr long long v = 0;
};
int thrower(int n)
{
    if (n == 0)
        throw std::runtime_error("deep");
    return thrower(n - 1) + 1;
}
int main()
{
    std::mt19937 r(3);
    std::vector<int> v(50000);
    for (auto &x : v)
        x = r() % 100003;
    std::sort(v.begin(), v.end());
    std::map<std::string, int> m;
    for (int x : v)
        m[std::to_string(x % 97)]++;
    std::cout << F<60>::v << ' ' << v[25000] << ' ' << m.size() << ' ' << m["42"] << '\n';
    int caught = 0;
    for (int i = 0; i < 300; i++)
        try {
            thrower(i % 20);
        } catch (const std::exception &e) {
            caught += e.what()[0] == 'd';
        }
    std::vector<std::thread> ts;
    std::atomic<long> sum{0};
    for (int t = 0; t < 4; t++)
        ts.emplace_back([&, t] {
            for (int i = 0; i < 20000; i++)
                sum += i * t;
        });
    for (auto &t : ts)
        t.join();
    std::cout << caught << ' ' << sum << ' ' << std::regex_replace("a1b22", std::regex("[0-9]+"), "<$&>") << '\n';
    printf("%.17g %a\n", 0.1 * 3, 1.0 / 3);
}
