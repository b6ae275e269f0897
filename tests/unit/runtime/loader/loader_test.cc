// SPDX-License-Identifier: Apache-2.0
// The ELF loader on files made here: what it maps, what it puts on the stack, what it says about bad files.
#include <elf.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <map>
#include <string>
#include <vector>

extern "C" {
#include "runtime/loader/loader.h"
#include "runtime/mem/guest_mem.h"
#include "runtime/mem/mem_calls.h"
}

#include "tests/harness/random.h"

namespace
{

// A program of two segments: code (the headers are in it) and data with .bss.
struct Program {
    struct {
        Elf64_Ehdr header;
        Elf64_Phdr segment[4];
        char interp[32];
        char rest[8192 - sizeof(Elf64_Ehdr) - 4 * sizeof(Elf64_Phdr) - 32];
    } file{};
    explicit Program(uint16_t type, gaddr_t base)
    {
        Elf64_Ehdr &h = file.header;
        memcpy(h.e_ident, ELFMAG, SELFMAG);
        h.e_ident[EI_CLASS] = ELFCLASS64;
        h.e_ident[EI_DATA] = ELFDATA2LSB;
        h.e_ident[EI_VERSION] = EV_CURRENT;
        h.e_type = type;
        h.e_machine = EM_RISCV;
        h.e_entry = base + 0x800;
        h.e_phoff = sizeof h;
        h.e_phentsize = sizeof(Elf64_Phdr);
        h.e_phnum = 2;
        file.segment[0] = {PT_LOAD, PF_R | PF_X, 0, base, base, 0x1100, 0x1100, 0x1000};
        file.segment[1] = {PT_LOAD, PF_R | PF_W, 0x1100, base + 0x3100, base + 0x3100, 0x200, 0x2000, 0x1000};
        memset(file.rest, 'x', sizeof file.rest);
    }
    void SetInterp(const char *path)
    {
        strcpy(file.interp, path);
        const auto at = offsetof(decltype(file), interp);
        file.segment[2] = {PT_INTERP, PF_R, at, at, at, strlen(path) + 1, strlen(path) + 1, 1};
        file.header.e_phnum = 3;
    }
};

struct Loader : ::testing::Test {
    std::string dir;
    const struct guest *guest = guest_find_name("riscv64");
    guest_config config{};
    guest_mem *mem = nullptr;
    loader_image image{};
    char message[512] = "";
    Loader()
    {
        char name[] = "/tmp/tandem-loader-XXXXXX";
        dir = mkdtemp(name);
        EXPECT_TRUE(guest->cpu.parse(nullptr, &config, message, sizeof message));
        EXPECT_EQ(mem_create(&mem, nullptr, nullptr), STATUS_OK);
    }
    ~Loader() override
    {
        loader_image_fini(&image);
        mem_destroy(mem);
        if (system(("rm -r " + dir).c_str()) != 0)
            ADD_FAILURE() << dir;
    }
    std::string Write(const char *name, const void *data, size_t size, int mode = 0755)
    {
        std::string path = dir + "/" + name;
        int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, mode);
        EXPECT_EQ(write(fd, data, size), (ssize_t)size);
        fchmod(fd, mode);
        close(fd);
        return path;
    }
    std::string Write(const char *name, const Program &p) { return Write(name, &p.file, sizeof p.file); }
    status Load(const std::string &path, std::vector<const char *> argv = {"prog", "one", "two"},
                std::vector<const char *> envp = {"A=1", "B=2"}, const char *sysroot = nullptr)
    {
        argv.push_back(nullptr);
        envp.push_back(nullptr);
        loader_request req{path.c_str(), -1, argv.data(), envp.data(), sysroot, 1 << 20, 7, nullptr};
        message[0] = 0;
        const loader_target to{guest, &config, mem};
        return loader_load(&to, &req, &image, message, sizeof message);
    }
    uint64_t Word(gaddr_t at) { return *static_cast<uint64_t *>(mem_host(mem, at)); }
    const char *Text(gaddr_t at) { return static_cast<const char *>(mem_host(mem, at)); }
    std::map<uint64_t, uint64_t> Auxv()
    {
        std::map<uint64_t, uint64_t> v;
        for (gaddr_t at = image.auxv; at < image.auxv_end; at += 16)
            v[Word(at)] = Word(at + 8);
        return v;
    }
};

TEST_F(Loader, PositionDependentProgramsGoWhereTheySay)
{
    ASSERT_EQ(Load(Write("p", Program(ET_EXEC, 0x10000))), STATUS_OK) << message;
    EXPECT_EQ(image.entry, 0x10800u);
    EXPECT_EQ(image.load_bias, 0u);
    EXPECT_EQ(image.phdr, 0x10040u);
    EXPECT_EQ(image.brk, 0x16000u);
    EXPECT_EQ(mem_prot_at(mem, 0x10000), PROT_READ | PROT_EXEC);
    EXPECT_EQ(mem_prot_at(mem, 0x12000), -1) << "between the segments";
    EXPECT_EQ(mem_prot_at(mem, 0x15000), PROT_READ | PROT_WRITE);
    EXPECT_EQ(Text(0x13100)[0], 'x');
    EXPECT_EQ(Text(0x13300)[0], 0) << ".bss in the last file page";
    EXPECT_EQ(Text(0x15fff)[0], 0);
    EXPECT_EQ(mem_brk(mem, 0x16010), 0x16010);
}

TEST_F(Loader, PositionIndependentProgramsAreMovedAsAWhole)
{
    ASSERT_EQ(Load(Write("p", Program(ET_DYN, 0))), STATUS_OK) << message;
    EXPECT_EQ(image.entry, image.load_bias + 0x800);
    EXPECT_NE(image.load_bias, 0u);
    EXPECT_EQ(image.phdr, image.load_bias + 0x40);
    EXPECT_EQ(Auxv()[AT_ENTRY], image.entry);
    EXPECT_EQ(image.exe_path, dir + "/p");
}

TEST_F(Loader, LargeAlignmentIsRespected)
{
    Program p(ET_DYN, 0);
    p.file.segment[0].p_align = p.file.segment[1].p_align = 1 << 21;
    std::string path = Write("p", p);
    ASSERT_EQ(Load(path), STATUS_OK) << message;
    EXPECT_EQ(image.load_bias % (1 << 21), 0u);
    gaddr_t first = image.load_bias;
    loader_image_fini(&image);
    ASSERT_EQ(Load(path), STATUS_OK) << message; // the preferred place is taken now
    EXPECT_NE(image.load_bias, first);
    EXPECT_EQ(image.load_bias % (1 << 21), 0u);
}

TEST_F(Loader, SegmentsMayShareAPage)
{
    Program p(ET_EXEC, 0x10000);
    p.file.segment[1].p_vaddr = 0x11100;
    ASSERT_EQ(Load(Write("p", p)), STATUS_OK) << message;
    EXPECT_EQ(mem_prot_at(mem, 0x10000), PROT_READ | PROT_EXEC);
    EXPECT_EQ(mem_prot_at(mem, 0x11000), PROT_READ | PROT_WRITE);
    EXPECT_EQ(Text(0x110ff)[0], 'x');
    EXPECT_EQ(Text(0x11300)[0], 0);
}

TEST_F(Loader, SegmentsWithoutFileBytesAreZeroed)
{
    Program p(ET_EXEC, 0x10000);
    p.file.segment[1].p_filesz = 0;
    p.file.segment[1].p_vaddr = 0x11800;
    p.file.segment[1].p_offset = 0x1100;
    ASSERT_EQ(Load(Write("p", p)), STATUS_OK) << message;
    EXPECT_EQ(Text(0x110ff)[0], 0) << "pages of zeros come whole, as in the kernel";
    EXPECT_EQ(mem_prot_at(mem, 0x12000), PROT_READ | PROT_WRITE);
}

TEST_F(Loader, ZerosOfReadOnlySegmentsMayBeWritten)
{
    Program p(ET_EXEC, 0x10000);
    p.file.segment[0].p_memsz = 0x3000;
    ASSERT_EQ(Load(Write("p", p)), STATUS_OK) << message;
    EXPECT_EQ(mem_prot_at(mem, 0x11000), PROT_READ | PROT_EXEC);
    EXPECT_EQ(mem_prot_at(mem, 0x12000), PROT_READ | PROT_WRITE | PROT_EXEC);
}

TEST_F(Loader, HeadersAreWhereTheLastSegmentHasThem)
{
    Program p(ET_DYN, 0);
    p.file.segment[0].p_type = PT_PHDR;
    p.file.segment[0].p_vaddr = 0x40;
    ASSERT_EQ(Load(Write("p", p)), STATUS_OK) << message;
    EXPECT_EQ(image.phdr, image.load_bias) << "no segment has them";
}

TEST_F(Loader, SegmentsMayComeInAnyOrder)
{
    Program p(ET_EXEC, 0x10000);
    std::swap(p.file.segment[0], p.file.segment[1]);
    ASSERT_EQ(Load(Write("p", p)), STATUS_OK) << message;
    EXPECT_EQ(mem_prot_at(mem, 0x11000), PROT_READ | PROT_EXEC);
    EXPECT_EQ(mem_prot_at(mem, 0x12000), -1) << "what no segment covers is free";
    EXPECT_EQ(mem_prot_at(mem, 0x13000), PROT_READ | PROT_WRITE);
    EXPECT_EQ(Text(0x13300)[0], 0);
}

TEST_F(Loader, BytesThatTheFileDoesNotHaveAreMapped)
{
    Program p(ET_EXEC, 0x10000);
    p.file.segment[0].p_filesz = p.file.segment[0].p_memsz = 0x2800;
    ASSERT_EQ(Load(Write("p", &p.file, 0x1400)), STATUS_OK) << message;
    EXPECT_EQ(mem_prot_at(mem, 0x12000), PROT_READ | PROT_EXEC);
    EXPECT_EQ(Text(0x113ff)[0], 'x');
    EXPECT_EQ(Text(0x11400)[0], 0);
}

TEST_F(Loader, TheStackIsAsTheAbiSays)
{
    std::string path = Write("p", Program(ET_DYN, 0));
    ASSERT_EQ(Load(path), STATUS_OK) << message;
    EXPECT_EQ(image.sp % 16, 0u);
    EXPECT_EQ(Word(image.sp), 3u);
    EXPECT_STREQ(Text(Word(image.sp + 8)), "prog");
    EXPECT_STREQ(Text(Word(image.sp + 24)), "two");
    EXPECT_EQ(Word(image.sp + 32), 0u);
    EXPECT_STREQ(Text(Word(image.sp + 48)), "B=2");
    EXPECT_EQ(Word(image.sp + 56), 0u);
    EXPECT_EQ(image.auxv, image.sp + 64);
    EXPECT_EQ(std::string(Text(image.arg_start), image.arg_end - image.arg_start), std::string("prog\0one\0two\0", 13));
    EXPECT_EQ(std::string(Text(image.env_start), image.env_end - image.env_start), std::string("A=1\0B=2\0", 8));
    EXPECT_GE(image.stack_end - image.stack_start, 128u << 10);
    EXPECT_LE(image.stack_end - image.stack_start, 1u << 20);
    EXPECT_TRUE(mem_is_writable(mem, image.stack_start, image.stack_end - image.stack_start));
    EXPECT_FALSE(mem_is_mapped(mem, image.stack_start - 1));
    *static_cast<char *>(mem_host(mem, image.stack_start - 4096)) = 1; // it grows
    EXPECT_TRUE(mem_is_writable(mem, image.stack_start - 4096, 4096));

    auto v = Auxv();
    EXPECT_EQ(v[AT_PHDR], image.phdr);
    EXPECT_EQ(v[AT_PHENT], sizeof(Elf64_Phdr));
    EXPECT_EQ(v[AT_PHNUM], 2u);
    EXPECT_EQ(v[AT_PAGESZ], 4096u);
    EXPECT_EQ(v[AT_BASE], 0u);
    EXPECT_EQ(v[AT_SECURE], 0u);
    EXPECT_EQ(v[AT_UID], getuid());
    EXPECT_EQ(v[AT_HWCAP], guest->abi->hwcap(&config));
    EXPECT_STREQ(Text(v[AT_EXECFN]), path.c_str());
    EXPECT_TRUE(mem_is_writable(mem, v[AT_RANDOM], 16));
    EXPECT_GE(v[AT_MINSIGSTKSZ], guest->abi->sigframe.size);
    EXPECT_EQ(v.count(AT_NULL), 1u);
}

TEST_F(Loader, TheSeedDecidesAtRandom)
{
    std::string path = Write("p", Program(ET_DYN, 0));
    ASSERT_EQ(Load(path), STATUS_OK);
    std::string first(Text(Auxv()[AT_RANDOM]), 16);
    loader_image_fini(&image);
    ASSERT_EQ(Load(path), STATUS_OK);
    EXPECT_EQ(std::string(Text(Auxv()[AT_RANDOM]), 16), first);
    EXPECT_NE(first.substr(0, 8), first.substr(8));
}

TEST_F(Loader, EveryCountOfArgumentsKeepsTheStackAligned)
{
    std::string path = Write("p", Program(ET_DYN, 0));
    std::vector<const char *> argv;
    for (int n = 0; n < 5; n++, argv.push_back("x")) {
        ASSERT_EQ(Load(path, argv), STATUS_OK);
        EXPECT_EQ(image.sp % 16, 0u);
        EXPECT_EQ(Word(image.sp), argv.size());
        loader_image_fini(&image);
    }
}

TEST_F(Loader, ArgumentsThatDoNotFitAreRefused)
{
    std::string path = Write("p", Program(ET_DYN, 0)), large(900 << 10, 'a');
    EXPECT_EQ(Load(path, {large.c_str()}), STATUS_SYSTEM);
    EXPECT_STREQ(message, "Argument list too long");
}

TEST_F(Loader, TheVdsoNamesTheTrampoline)
{
    ASSERT_EQ(Load(Write("p", Program(ET_DYN, 0))), STATUS_OK);
    EXPECT_EQ(Auxv()[AT_SYSINFO_EHDR], image.vdso);
    EXPECT_EQ(mem_prot_at(mem, image.vdso), PROT_READ | PROT_EXEC);
    const guest_vdso_code &sigreturn = guest->abi->vdso->code[GUEST_VDSO_RT_SIGRETURN];
    EXPECT_EQ(memcmp(Text(image.vdso_code[GUEST_VDSO_RT_SIGRETURN]), sigreturn.code, sigreturn.size), 0);
    auto *h = static_cast<Elf64_Ehdr *>(mem_host(mem, image.vdso));
    EXPECT_EQ(memcmp(h->e_ident, ELFMAG, SELFMAG), 0);
    auto *ph = reinterpret_cast<Elf64_Phdr *>(reinterpret_cast<char *>(h) + h->e_phoff);
    ASSERT_EQ(ph[1].p_type, (uint32_t)PT_DYNAMIC);
    std::map<int64_t, uint64_t> dyn;
    for (auto *d = static_cast<Elf64_Dyn *>(mem_host(mem, image.vdso + ph[1].p_vaddr)); d->d_tag; d++)
        dyn[d->d_tag] = d->d_un.d_val;
    auto *sym = static_cast<Elf64_Sym *>(mem_host(mem, image.vdso + dyn[DT_SYMTAB])) + 1;
    EXPECT_STREQ(Text(image.vdso + dyn[DT_STRTAB] + sym->st_name), "__vdso_rt_sigreturn");
    EXPECT_EQ(image.vdso + sym->st_value, image.vdso_code[GUEST_VDSO_RT_SIGRETURN]);
    auto *version = static_cast<Elf64_Half *>(mem_host(mem, image.vdso + dyn[DT_VERSYM])) + 1;
    auto *def = static_cast<Elf64_Verdef *>(mem_host(mem, image.vdso + dyn[DT_VERDEF]));
    EXPECT_EQ(def->vd_flags, VER_FLG_BASE);
    def = reinterpret_cast<Elf64_Verdef *>(reinterpret_cast<char *>(def) + def->vd_next);
    EXPECT_EQ(def->vd_ndx, *version);
    auto *aux = reinterpret_cast<Elf64_Verdaux *>(reinterpret_cast<char *>(def) + def->vd_aux);
    EXPECT_STREQ(Text(image.vdso + dyn[DT_STRTAB] + aux->vda_name), guest->abi->vdso->version);
}

TEST_F(Loader, TheDynamicLinkerIsLookedForInTheSysrootFirst)
{
    Program p(ET_DYN, 0);
    p.SetInterp("/lib/ld-test.so");
    std::string path = Write("p", p);
    EXPECT_EQ(Load(path), STATUS_NOT_FOUND);
    EXPECT_NE(std::string(message).find("dynamic linker /lib/ld-test.so not found"), std::string::npos) << message;
    ASSERT_EQ(mkdir((dir + "/lib").c_str(), 0755), 0);
    Write("lib/ld-test.so", Program(ET_DYN, 0));
    loader_image_fini(&image);
    ASSERT_EQ(Load(path, {"p"}, {}, dir.c_str()), STATUS_OK) << message;
    EXPECT_EQ(image.interp_path, dir + "/lib/ld-test.so");
    EXPECT_EQ(image.entry, image.interp_base + 0x800);
    EXPECT_EQ(Auxv()[AT_BASE], image.interp_base);
    EXPECT_EQ(image.program_entry, image.load_bias + 0x800);
    Write("lib/ld-test.so", "junk", 4);
    loader_image_fini(&image);
    EXPECT_EQ(Load(path, {"p"}, {}, dir.c_str()), STATUS_BAD_FORMAT);
    EXPECT_EQ(message, "dynamic linker " + dir + "/lib/ld-test.so: not an ELF file");
}

struct Bad {
    const char *what;
    void (*spoil)(Program &p);
    size_t size;
    status want;
    const char *message;
};
const Bad kBad[] = {
    {"nothing", [](Program &) {}, 0, STATUS_BAD_FORMAT, "not an ELF file"},
    {"magic", [](Program &p) { p.file.header.e_ident[0] = 'x'; }, 8192, STATUS_BAD_FORMAT, "not an ELF file"},
    {"script", [](Program &p) { memcpy(&p.file, "#!/bin/sh\n", 10); }, 8192, STATUS_BAD_FORMAT,
     "is a script: run its interpreter"},
    {"short header", [](Program &) {}, 60, STATUS_BAD_FORMAT, "file is cut short: no program headers"},
    {"very short header", [](Program &) {}, 20, STATUS_BAD_FORMAT, "bad ELF header: no usable program headers"},
    {"machine", [](Program &p) { p.file.header.e_machine = EM_S390; }, 8192, STATUS_WRONG_MACHINE,
     "built for IBM Z, which is not supported"},
    {"unknown machine", [](Program &p) { p.file.header.e_machine = 4711; }, 8192, STATUS_WRONG_MACHINE,
     "built for machine 4711, which is not supported"},
    {"class", [](Program &p) { p.file.header.e_ident[EI_CLASS] = ELFCLASS32; }, 8192, STATUS_WRONG_MACHINE,
     "built for RISC-V, 32 bits, which is not supported"},
    {"object", [](Program &p) { p.file.header.e_type = ET_REL; }, 8192, STATUS_BAD_FORMAT,
     "an object file, not a program"},
    {"no segments", [](Program &p) { p.file.header.e_phnum = 0; }, 8192, STATUS_BAD_FORMAT,
     "bad ELF header: no usable program headers"},
    {"headers behind the end", [](Program &p) { p.file.header.e_phoff = ~0ull - 8; }, 8192, STATUS_BAD_FORMAT,
     "file is cut short: no program headers"},
    {".bss behind bytes that are not there", [](Program &p) { p.file.segment[1].p_filesz = 0x1200; }, 0x1200,
     STATUS_SYSTEM, "segment cannot be mapped: Bad address"},
    {"sizes", [](Program &p) { p.file.segment[0].p_memsz = 1; }, 8192, STATUS_BAD_FORMAT,
     "bad program header: more bytes in the file than in memory"},
    {"address", [](Program &p) { p.file.segment[1].p_vaddr = ~0xfffull | 0x100; }, 8192, STATUS_BAD_FORMAT,
     "bad program header: segment outside of the address space"},
    {"congruence", [](Program &p) { p.file.segment[1].p_vaddr++; }, 8192, STATUS_BAD_FORMAT,
     "bad program header: address and file offset do not fit together"},
    {"file offset", [](Program &p) { p.file.segment[1].p_offset = (1ull << 63) | 0x100; }, 8192, STATUS_BAD_FORMAT,
     "bad program header: segment outside of any file"},
    {"nothing to load", [](Program &p) { p.file.segment[0].p_type = p.file.segment[1].p_type = PT_NOTE; }, 8192,
     STATUS_BAD_FORMAT, "bad ELF header: nothing to load"},
    {"interpreter's name",
     [](Program &p) {
         p.SetInterp("/lib/x");
         p.file.segment[2].p_filesz--;
     },
     8192, STATUS_BAD_FORMAT, "bad program header: name of the dynamic linker"},
};

TEST_F(Loader, BadFilesAreExplained)
{
    for (const Bad &bad : kBad) {
        Program p(ET_DYN, 0);
        bad.spoil(p);
        EXPECT_EQ(Load(Write("p", &p.file, bad.size)), bad.want) << bad.what;
        EXPECT_STREQ(message, bad.message) << bad.what;
        loader_image_fini(&image);
    }
}

TEST_F(Loader, FilesThatCannotBeOpenedAreExplained)
{
    EXPECT_EQ(Load(dir + "/none"), STATUS_NOT_FOUND);
    EXPECT_STREQ(message, "No such file or directory");
    EXPECT_EQ(loader_exit_code(STATUS_NOT_FOUND), 127);
    EXPECT_EQ(Load(dir), STATUS_BAD_FORMAT);
    EXPECT_STREQ(message, "is a directory");
    EXPECT_EQ(Load(Write("p", "x", 1, 0644)), STATUS_SYSTEM);
    EXPECT_STREQ(message, "permission denied (not executable)");
    EXPECT_EQ(loader_exit_code(STATUS_SYSTEM), 126);
}

TEST_F(Loader, IdentifyTellsKindsApart)
{
    loader_kind kind;
    const struct guest *found;
    EXPECT_EQ(loader_identify(Write("p", Program(ET_DYN, 0)).c_str(), -1, &kind, &found, nullptr, 0), STATUS_OK);
    EXPECT_EQ(kind, LOADER_GUEST);
    EXPECT_EQ(found, guest);
    EXPECT_EQ(loader_identify("/proc/self/exe", -1, &kind, &found, nullptr, 0), STATUS_OK);
    EXPECT_EQ(kind, LOADER_GUEST) << "this machine's own programs are guests, too";
    EXPECT_EQ(found, guest_find_name("x86_64"));
    EXPECT_EQ(loader_identify(Write("s", "#!/bin/sh", 9).c_str(), -1, &kind, &found, nullptr, 0), STATUS_BAD_FORMAT);
    EXPECT_EQ(kind, LOADER_SCRIPT);
}

// Whatever the headers say, the loader returns, and what it mapped is within the guest's memory.
TEST_F(Loader, CorruptedAndTruncatedFilesNeverCrash)
{
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "a corrupted size maps what is ThreadSanitizer's own, which ends the process";
#endif
    harness::Random random{2024};
    const size_t headers = sizeof(Elf64_Ehdr) + 3 * sizeof(Elf64_Phdr);
    const uint64_t interesting[] = {0,          1,          0x7f,       0xff,       0xfff, 0x1000,
                                    0x7fffffff, 0xffffffff, 1ull << 46, 1ull << 47, ~0ull};
    for (int round = 0; round < 1000; round++) {
        Program p(round % 2 ? ET_DYN : ET_EXEC, round % 2 ? 0 : 0x200000);
        if (round % 3 == 0)
            p.SetInterp("/nowhere/ld.so");
        auto *bytes = reinterpret_cast<uint8_t *>(&p.file);
        for (unsigned n = 1 + random() % 3; n > 0; n--) {
            size_t at = random() % (headers - 8);
            uint64_t value = random() % 2 ? interesting[random() % std::size(interesting)] : random();
            memcpy(bytes + at, &value, 1u << random() % 4);
        }
        size_t size = random() % 4 ? sizeof p.file : random() % sizeof p.file;
        guest_mem *own;
        ASSERT_EQ(mem_create(&own, nullptr, nullptr), STATUS_OK);
        std::swap(mem, own);
        status s = Load(Write("p", &p.file, size));
        EXPECT_TRUE(s == STATUS_OK || message[0]) << "round " << round;
        loader_image_fini(&image);
        std::swap(mem, own);
        mem_destroy(own);
    }
}

} // namespace
