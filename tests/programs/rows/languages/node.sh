# SPDX-License-Identifier: Apache-2.0
# Node.js: JIT-compiled loops, promises, workers, child processes, streams, crypto, http on loopback, WebAssembly.
# packages: nodejs
# timeout: 300
cat >a.js <<'END'
const {Worker, isMainThread, parentPort, workerData} = require('worker_threads'), crypto = require('crypto'),
    http = require('http'), cp = require('child_process'), zlib = require('zlib');
if (!isMainThread) { let s = 0; for (let i = 0; i < 300000; i++) s = (s + i * workerData) % 1000003;
    parentPort.postMessage(s); return; }
function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); } console.log(fib(27));
let f = new Float64Array(1000), o = []; for (let r = 0; r < 300; r++) for (let i = 0; i < 1000;
    i++) f[i] += Math.sqrt(i) * r; console.log(f[999].toFixed(6));
for (let i = 0; i < 30000; i++) o.push({k: 'k' + i % 97, v: i * 7919 % 10007});
    o.sort((a, b) => a.v - b.v || (a.k < b.k ? -1 : 1));
    console.log(crypto.createHash('sha256').update(JSON.stringify(o)).digest('hex'));
console.log(2n ** 200n % 1000007n, [3, 1, 2].toSorted(), 'aXbX'.replace(/X/g, x => x + 1),
    new Intl.NumberFormat('en').format(1234567.891));
const code = [0,97,115,109,1,0,0,0,1,7,1,96,2,127,127,1,127,3,2,1,0,7,7,1,3,97,100,100,0,0,
  10,9,1,7,0,32,0,32,1,106,11];
const w = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(code)));
console.log(w.exports.add(40, 2));
(async () => {
  console.log((await Promise.all([1, 2, 3, 4].map(n => new Promise(r => new Worker(__filename,
      {workerData: n}).on('message', r))))).join());
  console.log(cp.execSync('echo child; exit 0').toString().trim(), cp.spawnSync('sh', ['-c', 'exit 6']).status,
      zlib.gunzipSync(zlib.gzipSync('z'.repeat(100000))).length);
  const s = http.createServer((q, r) => { let b = '';
      q.on('data', d => b += d).on('end', () => r.end(b.toUpperCase() + q.url)); });
  await new Promise(r => s.listen(0, '127.0.0.1', r)); const u = `http://127.0.0.1:${s.address().port}/`;
  const all = await Promise.all([...Array(30).keys()].map(i => fetch(u + i, {method: 'POST',
      body: 'body' + i}).then(r => r.text()))); console.log(all.join(' '));
  s.close(); s.closeAllConnections(); let n = 0; const t = setInterval(() => { if (++n == 5) { clearInterval(t);
      console.log('timer'); } }, 5);
  console.log(await new Promise(r => crypto.pbkdf2('p', 's', 2000, 20, 'sha1', (e, k) => r(k.toString('hex')))));
      try { null.x } catch (e) { console.log(e.name) }
  process.on('SIGUSR2', () => { console.log('signal'); process.exit(0); });
      setTimeout(() => process.kill(process.pid, 'SIGUSR2'), 50); setTimeout(() => 0, 5000);
})();
END
node a.js
