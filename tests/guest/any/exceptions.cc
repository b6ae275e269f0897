// SPDX-License-Identifier: Apache-2.0
// C++ at run time: exceptions through many frames and in threads, destructors, dynamic_cast, virtual calls, containers.
// not in: tier2
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace
{

int alive = 0;

struct Guard {
    Guard() { alive++; }
    ~Guard() { alive--; }
};

struct Shape {
    virtual ~Shape() = default;
    virtual double area() const = 0;
};
struct Square : Shape {
    double side;
    explicit Square(double s) : side(s) {}
    double area() const override { return side * side; }
};
struct Circle : Shape {
    double radius;
    explicit Circle(double r) : radius(r) {}
    double area() const override { return 3 * radius * radius; }
};

[[gnu::noinline]] int fall(int depth, int kind)
{
    Guard guard;
    if (depth == 0) {
        if (kind == 0)
            throw std::runtime_error("runtime");
        if (kind == 1)
            throw 42;
        if (kind == 2)
            throw std::string("string");
        return 7;
    }
    return fall(depth - 1, kind) + 1;
}

std::string attempt(int depth, int kind)
{
    try {
        return "value " + std::to_string(fall(depth, kind));
    } catch (const std::exception &e) {
        return std::string("exception ") + e.what();
    } catch (int v) {
        return "int " + std::to_string(v);
    } catch (...) {
        return "something";
    }
}

int rethrown(int depth)
{
    try {
        try {
            return fall(depth, 1);
        } catch (int v) {
            throw std::out_of_range("again " + std::to_string(v));
        }
    } catch (const std::logic_error &e) {
        return static_cast<int>(std::string(e.what()).size());
    }
}

void shapes()
{
    std::vector<std::unique_ptr<Shape>> all;
    double sum = 0;
    int squares = 0;
    for (int i = 0; i < 300; i++) {
        if (i % 3)
            all.push_back(std::make_unique<Square>(i));
        else
            all.push_back(std::make_unique<Circle>(i));
    }
    for (int round = 0; round < 20; round++)
        for (const auto &s : all) {
            sum += s->area();
            squares += dynamic_cast<const Square *>(s.get()) != nullptr;
        }
    std::printf("shapes %.1f %d\n", sum, squares);
}

void containers()
{
    std::map<std::string, int> count;
    std::ostringstream text;
    for (int i = 0; i < 2000; i++)
        count["key" + std::to_string(i * 7 % 101)] += i;
    for (const auto &[key, value] : count)
        if (value % 13 == 0)
            text << key << '=' << value << ' ';
    std::printf("%s\n", text.str().c_str());
    std::vector<int> v(5000);
    std::generate(v.begin(), v.end(), [n = 17]() mutable { return n = n * 1103515245 % 65537; });
    std::sort(v.begin(), v.end(), std::greater<int>());
    std::printf("sorted %d %d %d\n", v[0], v[2500], v[4999]);
}

} // namespace

int main()
{
    for (int kind = 0; kind < 4; kind++)
        for (int depth : {0, 1, 10, 200})
            std::printf("%d %d %s\n", kind, depth, attempt(depth, kind).c_str());
    int hot = 0;
    for (int i = 0; i < 300; i++)
        hot += rethrown(i % 7);
    std::printf("rethrown %d alive %d\n", hot, alive);
    int caught[3] = {};
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; t++)
        threads.emplace_back([t, &caught] {
            for (int i = 0; i < 100; i++)
                try {
                    if (i % 2)
                        throw i;
                    caught[t] += 1;
                } catch (int v) {
                    caught[t] += v;
                }
        });
    for (auto &t : threads)
        t.join();
    std::printf("threads %d %d %d\n", caught[0], caught[1], caught[2]);
    shapes();
    containers();
    return 0;
}
