# SPDX-License-Identifier: Apache-2.0
# ssh to sshd on loopback: keys, commands, a terminal, sftp, a forwarded port.
# packages: openssh-server openssh-client socat
mkdir -p /run/sshd /root/.ssh; chmod 700 /root /root/.ssh; ssh-keygen -q -t ed25519 -N '' -f hk
ssh-keygen -q -t rsa -b 2048 -N '' -f /root/.ssh/id_rsa; cp /root/.ssh/id_rsa.pub /root/.ssh/authorized_keys
/usr/sbin/sshd -f /dev/null -p 7000 -h /work/hk -o ListenAddress=127.0.0.1 -o UsePAM=no \
    -o StrictModes=no -o PermitRootLogin=yes -o Subsystem='sftp internal-sftp' -E log; sleep 1
q='-o StrictHostKeyChecking=no -o UserKnownHostsFile=/work/kh -o LogLevel=ERROR'; o="-p 7000 $q -F /dev/null"
s() { ssh $o "$@"; }
s 127.0.0.1 'echo over ssh; exit 7'; echo $?; seq 1 50000 | s 127.0.0.1 'md5sum; echo err >&2' 2>&1
s -tt 127.0.0.1 'tty | cut -c1-8; stty -a | head -c 5' </dev/null
for c in aes128-ctr aes256-gcm@openssh.com chacha20-poly1305@openssh.com
do head -c 300000 /dev/zero | s -c $c 127.0.0.1 md5sum; done
seq 1 20000 >f; scp -q -P 7000 $q f 127.0.0.1:/work/g && cmp f g && echo same
printf 'ls -1 /work/f\nget /work/f h\n' | sftp -q -P 7000 $q -b - 127.0.0.1; cmp f h && echo same
socat TCP-LISTEN:7002,fork,reuseaddr EXEC:'rev' & s -f -N -L 7001:127.0.0.1:7002 127.0.0.1
echo forwarded | socat -t 3 - TCP:127.0.0.1:7001
