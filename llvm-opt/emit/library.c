/* SPDX-License-Identifier: Apache-2.0 */
/* Loads LLVM at run time, so that a program that never gets hot does not pay for it: the module of tandem's own
 * (llvm_module.h) where there is one, or the system's libLLVM.
 *
 * I1  The library is opened once a process and never closed: its global constructors and command-line tables do not
 *     survive a second load.
 * I2  `loaded` is written once, under pthread_once, and const afterwards: the one exception to "no file-scope state",
 *     because the library itself is process-wide.
 * I3  LLVM gets no signal handlers and no crash printer: LLVMEnablePrettyStackTrace is never called.
 */
#include "llvm-opt/emit/library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "llvm-opt/emit/host.h"
#include "llvm-opt/emit/llvm_module.h"
#include "llvm-opt/lopt.h"

static struct {
    struct llvm_api api;
    bool ok;
    char message[256];
} loaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const struct {
    const char *name;
    size_t offset;
} functions[] = {
#define FN(name) {"LLVM" #name, offsetof(struct llvm_api, name)},
#include "llvm-opt/emit/llvm_api.def"
#undef FN
};

/* The module beside tandem's own binary, or where it was installed. A run path would do, but ld.so would look there for
 * all other libraries, too, in a dozen folders each: 1 ms at every start. NULL: it is not there. */
static void *open_module(void)
{
    static const char *const places[] = {LOPT_LLVM_MODULE, LOPT_LLVM_INSTALLED LOPT_LLVM_MODULE};
    char path[4096];
    void *lib = NULL;
    ssize_t n = readlink("/proc/self/exe", path, sizeof path);
    while (n > 0 && path[n - 1] != '/')
        n--;
    for (size_t i = 0; n > 0 && i < ARRAY_LEN(places) && !lib; i++) {
        if ((size_t)n + strlen(places[i]) < sizeof path) {
            memcpy(path + n, places[i], strlen(places[i]) + 1);
            lib = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        }
    }
    return lib;
}

static void *open_library(void)
{
    static const char *const names[] = {"libLLVM.so.19.1", "libLLVM-19.so.1", "libLLVM-19.so",
                                        "/usr/lib/llvm-19/lib/libLLVM.so.19.1", "/usr/lib/llvm-19/lib/libLLVM-19.so.1"};
    const char *forced = getenv("TANDEM_LIBLLVM");
    if (forced && *forced)
        return dlopen(forced, RTLD_NOW | RTLD_LOCAL);
    void *lib = open_module();
    for (size_t i = 0; i < ARRAY_LEN(names) && !lib; i++)
        lib = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    return lib;
}

/* Process-wide switches that have no other interface. Guest code has been through a compiler already: loop strength
 * reduction undoes its work, and the two schedulers cost more time than they save on an out-of-order host (each
 * measured). The pass that widens byte and word loads is wrong in LLVM 19: where the loaded part is merged into the
 * register that was the address (mov al, [rax]), it clears the rest. The pass that moves values to mask registers finds
 * nothing to move in guest code, and takes up to a third of the code generator's time on hosts with AVX-512. */
static void set_switches(const struct llvm_api *ll)
{
    static const char *const argv[] = {"tandem",
                                       "-disable-lsr",
                                       "-disable-post-ra",
                                       "-disable-x86-domain-reassignment",
                                       "-enable-misched=false",
                                       "-fixup-byte-word-insts=false",
                                       "-use-registers-for-deopt-values",
                                       "-pre-RA-sched=source",
                                       "-twoaddr-reschedule=false"};
    ll->ParseCommandLineOptions(ARRAY_LEN(argv), argv, "");
}

/* A function of the library. symbols: the module's, or NULL. */
static void *find_function(void *lib, const struct lopt_llvm_symbol *symbols, const char *name)
{
    void *f = NULL;
    if (!symbols)
        return dlsym(lib, name);
    for (; symbols->name && !f; symbols++) {
        if (strcmp(symbols->name, name) == 0)
            memcpy(&f, &symbols->fn, sizeof f);
    }
    return f;
}

static void load(void)
{
    void *lib = open_library();
    if (!lib) {
        const char *why = dlerror();
        snprintf(loaded.message, sizeof loaded.message, "%s", why ? why : "libLLVM 19 not found");
        return;
    }
    const struct lopt_llvm_symbol *symbols = dlsym(lib, LOPT_LLVM_SYMBOLS);
    for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
        void *f = find_function(lib, symbols, functions[i].name);
        if (!f) {
            snprintf(loaded.message, sizeof loaded.message, "libLLVM lacks %s", functions[i].name);
            return;
        }
        memcpy((char *)&loaded.api + functions[i].offset, &f, sizeof f);
    }
    set_switches(&loaded.api);
    lopt_host_init(&loaded.api);
    loaded.ok = true;
}

uint64_t lopt_load_cost(void)
{
#ifdef TANDEM_LLVM_MODULE
    return 25000000;
#else
    return 80000000;
#endif
}

const struct llvm_api *lopt_llvm_api(char *message, size_t size)
{
    pthread_once(&once, load);
    if (loaded.ok)
        return &loaded.api;
    if (message && size)
        snprintf(message, size, "%s", loaded.message);
    return NULL;
}
