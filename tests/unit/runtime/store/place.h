/* SPDX-License-Identifier: Apache-2.0 */
/* A folder for the tests of the cache on disk, and stores in it. */
#ifndef TANDEM_TESTS_STORE_PLACE_H
#define TANDEM_TESTS_STORE_PLACE_H

#include <cstring>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "runtime/store/folder.h"
#include "runtime/store/store.h"

namespace store_test
{

using Bytes = std::vector<uint8_t>;

constexpr hash128 kFile = {{0x1111, 0x2222}}, kOther = {{0x3333, 0x4444}};

/* An empty folder that goes with the test. */
class Place
{
  public:
    Place()
    {
        char name[] = "/tmp/tandem_store_XXXXXX";
        if (!mkdtemp(name))
            abort();
        top_ = name;
        root = top_ + "/cache/tandem";
    }
    ~Place() { std::filesystem::remove_all(top_); }
    Place(const Place &) = delete;
    Place &operator=(const Place &) = delete;

    /* All files below the folder. */
    std::vector<std::string> Files() const
    {
        std::vector<std::string> all;
        for (const auto &entry : std::filesystem::recursive_directory_iterator(top_))
            if (!entry.is_directory())
                all.push_back(entry.path());
        return all;
    }
    /* The only file whose name ends so. */
    std::string File(const std::string &suffix) const
    {
        std::string found;
        for (const std::string &name : Files())
            if (name.size() > suffix.size() && name.substr(name.size() - suffix.size()) == suffix)
                found = name;
        return found;
    }

    std::string root;

  private:
    std::string top_;
};

inline hash128 FixedKey(void *) { return {{7, 7}}; }

/* What one process has of the cache. */
class Store
{
  public:
    explicit Store(const Place &place, uint64_t limit = 0, hash128 (*key)(void *) = FixedKey)
    {
        const store_setup setup = {place.root.c_str(), limit, true, key, nullptr};
        store = store_create(&setup);
    }
    ~Store() { store_destroy(store); }
    Store(const Store &) = delete;
    Store &operator=(const Store &) = delete;

    enum store_put Put(gaddr_t pc, const Bytes &data, hash128 file = kFile, uint32_t flags = 0)
    {
        store_record r = {};
        r.pc = pc;
        r.flags = flags;
        r.size = (uint32_t)data.size();
        return store_put(store, file, &r, data.data());
    }
    /* The newest entry that can be read; empty: there is none. */
    Bytes Get(gaddr_t pc, hash128 file = kFile, uint32_t mode = 0)
    {
        uint32_t at = STORE_NEWEST;
        store_record r;
        while (store_find(store, file, pc, mode, &at, &r)) {
            uint8_t *data = store_get(store, file, at, &r);
            if (!data)
                continue;
            Bytes copy(r.size);
            memcpy(copy.data(), data, r.size);
            free(data);
            return copy;
        }
        return {};
    }

    struct store *store;
};

inline Bytes ReadFile(const std::string &name)
{
    std::ifstream in(name, std::ios::binary);
    return Bytes(std::istreambuf_iterator<char>(in), {});
}

inline void WriteFile(const std::string &name, const Bytes &bytes)
{
    std::ofstream(name, std::ios::binary | std::ios::trunc)
        .write(reinterpret_cast<const char *>(bytes.data()), (std::streamsize)bytes.size());
}

} // namespace store_test

#endif
