# SPDX-License-Identifier: Apache-2.0
# openssl: digests, ciphers, keys, certificates, s_server and s_client to itself with TLS 1.2 and 1.3, speed.
# packages: openssl
iv=0f0e0d0c0b0a09080706050403020100
key=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f; seq 1 20000 >f
for d in md5 sha1 sha256 sha512 sha3-256 blake2b512 sm3; do openssl dgst -$d f; done
for c in aes-128-cbc aes-256-ctr aes-256-ecb chacha20 camellia-128-cbc des-ede3-cbc
do openssl enc -$c -provider legacy -provider default -K $key -iv $iv -in f 2>/dev/null | md5sum; done
for k in 'RSA -pkeyopt rsa_keygen_bits:2048' 'EC -pkeyopt ec_paramgen_curve:P-256' ED25519
do openssl genpkey -algorithm $k -out k.pem 2>/dev/null; openssl pkey -in k.pem -pubout -out p.pem
openssl pkeyutl -sign -rawin -inkey k.pem -in f -out s 2>/dev/null &&
openssl pkeyutl -verify -rawin -pubin -inkey p.pem -in f -sigfile s; done
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout k.pem -out c.pem -days 30 \
    -subj /CN=localhost 2>/dev/null
openssl x509 -in c.pem -noout -subject; openssl verify -CAfile c.pem c.pem
openssl s_server -accept 127.0.0.1:7000 -cert c.pem -key k.pem -www >/dev/null 2>&1 & sleep 1.5
for v in -tls1_2 -tls1_3
do for c in '' '-cipher ECDHE-ECDSA-CHACHA20-POLY1305 -ciphersuites TLS_CHACHA20_POLY1305_SHA256'
do printf 'GET / HTTP/1.0\r\n\r\n' |
openssl s_client -connect 127.0.0.1:7000 $v $c -CAfile c.pem -ign_eof 2>/dev/null |
grep -aE '^(New, TLS|Verification|    Verify return)'; done; done; kill $!
openssl speed -seconds 1 -bytes 1024 -evp aes-128-gcm 2>/dev/null | grep -ciE '^aes-128-gcm +[0-9.]+k'
openssl speed -seconds 1 -bytes 1024 sha256 2>/dev/null | grep -cE '^sha256 +[0-9.]+k'
openssl prime -generate -bits 256 -hex | wc -c; openssl dhparam -dsaparam 1024 2>/dev/null | head -n 1
openssl rand -hex 20 | wc -c; openssl passwd -6 -salt ab cd
openssl kdf -keylen 16 -kdfopt digest:SHA256 -kdfopt pass:x -kdfopt salt:y -kdfopt iter:3000 PBKDF2
