# SPDX-License-Identifier: Apache-2.0
# nginx with two workers and curl on loopback: files, ranges, keep-alive, gzip, TLS, reload and stop by signals.
# packages: nginx-light curl openssl
mkdir -p w l; seq 1 50000 >w/f; echo index >w/index.html
openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -days 30 -subj /CN=localhost >/dev/null 2>&1
cat >n.conf <<'END'
worker_processes 2; pid /work/pid; error_log /work/l/e; events { worker_connections 64; }
http { access_log /work/l/a; gzip on; gzip_types text/plain; default_type text/plain; client_body_temp_path /work/t1;
    proxy_temp_path /work/t2; fastcgi_temp_path /work/t3; uwsgi_temp_path /work/t4; scgi_temp_path /work/t5;
server { listen 127.0.0.1:7000; listen 127.0.0.1:7443 ssl; ssl_certificate /work/c.pem;
    ssl_certificate_key /work/k.pem; root /work/w; location /p/ { proxy_pass http://127.0.0.1:7000/;
    } location /r { return 418 "teapot\n"; } } }
END
chmod 755 /work; chmod -R a+rX w; nginx -c /work/n.conf -e /work/l/e; echo $?; u=http://127.0.0.1:7000
curl -s $u/; curl -s $u/f | md5sum; curl -s -r 10-29 $u/f; curl -s --compressed $u/f | md5sum
for p in none r p/f; do curl -s -o /dev/null -w '%{http_code} %{size_download}\n' $u/$p; done
curl -sk https://localhost:7443/f | md5sum; curl -s --cacert c.pem https://localhost:7443/p/
seq 40 | xargs -P 8 -I{} curl -s -o /dev/null -w '%{http_code} %{size_download}\n' $u/p/f?{} | sort | uniq -c
curl -s "$u/[1-30]" -o /dev/null -w '%{http_code}\n' | sort | uniq -c
nginx -c /work/n.conf -e /work/l/e -s reload; sleep 1; curl -s $u/; nginx -c /work/n.conf -e /work/l/e -s quit
sleep 1.5; curl -s $u/; echo $?; wc -l <l/a; [ -e pid ]; echo $?
