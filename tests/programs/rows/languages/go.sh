# SPDX-License-Identifier: Apache-2.0
# Go: its compiler and linker, then goroutines, channels, preemption by signals, garbage collection, network.
# packages: golang-go
# timeout: 400
mkdir -p m; cd m; cat >go.mod <<'END'
module m
go 1.21
END
cat >a.go <<'END'
package main
import ("crypto/sha256"; "encoding/json"; "fmt"; "io"; "math/big"; "net"; "net/http"; "os"; "os/exec"; "os/signal";
    "runtime"; "sort"; "sync"; "sync/atomic"; "syscall"; "time"; "regexp")
func spin(stop *int32) { for atomic.LoadInt32(stop) == 0 { } }
func tight(n int) (x int) { for i := 0; i < n; i++ { x = x*31 + i }; return }
func main() {
	runtime.GOMAXPROCS(1); done := make(chan int); go func() { done <- tight(300000000) }();
    time.Sleep(time.Millisecond); fmt.Println("preempted"); runtime.GOMAXPROCS(4); fmt.Println(<-done)
	var stop int32; for i := 0; i < 3; i++ { go spin(&stop) }; runtime.GC(); time.Sleep(20 * time.Millisecond);
    runtime.GC(); atomic.StoreInt32(&stop, 1); fmt.Println("gc")
	c, r := make(chan int), make(chan int); var wg sync.WaitGroup
	for w := 0; w < 50; w++ { wg.Add(1); go func() { defer wg.Done(); for x := range c { r <- x * x } }() }
	go func() { for i := 0; i < 5000; i++ { c <- i }; close(c); wg.Wait(); close(r) }(); s := 0;
    for x := range r { s += x }; fmt.Println(s)
	var mu sync.Mutex; m := map[int][]byte{}; for g := 0; g < 8; g++ { wg.Add(1); go func(g int) { defer wg.Done();
    for i := 0; i < 400; i++ { b := make([]byte, 10000); mu.Lock(); m[(g*400+i)%64] = b; mu.Unlock() } }(g) };
    wg.Wait(); fmt.Println(len(m))
	func() { defer func() { fmt.Println(recover()) }(); var p *int; fmt.Println(*p) }();
    func() { defer func() { fmt.Println(recover()) }(); z := 0; fmt.Println(1 / z) }()
	func() { defer func() { fmt.Println(recover()) }(); var a []int; a[len(os.Args)+5] = 1 }()
	ln, _ := net.Listen("tcp", "127.0.0.1:0");
    go http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { b, _ := io.ReadAll(q.Body);
    fmt.Fprintf(w, "%s %d", q.URL.Path, len(b)) }))
	out := make([]string, 40); for i := range out { wg.Add(1); go func(i int) { defer wg.Done();
    resp, err := http.Get(fmt.Sprintf("http://%s/%d", ln.Addr(), i)); if err != nil { out[i] = err.Error(); return };
    b, _ := io.ReadAll(resp.Body); resp.Body.Close(); out[i] = string(b) }(i) }; wg.Wait(); sort.Strings(out);
    fmt.Println(out)
	b, _ := exec.Command("sh", "-c", "echo child; kill -9 $$").CombinedOutput(); fmt.Printf("%s", b);
    sig := make(chan os.Signal, 1); signal.Notify(sig, syscall.SIGUSR1); syscall.Kill(os.Getpid(), syscall.SIGUSR1);
    fmt.Println(<-sig)
	j, _ := json.Marshal(map[string]any{"a": []float64{1.5, 0.1}, "b": nil});
    fmt.Println(string(j), fmt.Sprintf("%x", sha256.Sum256(j))[:16], new(big.Int).Exp(big.NewInt(3), big.NewInt(300),
    big.NewInt(1000003)), regexp.MustCompile(`(a+)(b*)`).FindStringSubmatch("xaabb"))
	t := time.NewTicker(2 * time.Millisecond); n := 0; for range t.C { if n++; n == 10 { break } };
    select { case <-time.After(5 * time.Millisecond): fmt.Println("after") }
}
END
export CGO_ENABLED=0 GOCACHE=/work/cache GOFLAGS=-mod=mod GOPROXY=off GOTOOLCHAIN=local
go build -o a . && ./a; GOGC=1 ./a | md5sum
