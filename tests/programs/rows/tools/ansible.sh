# SPDX-License-Identifier: Apache-2.0
# Ansible on this machine itself: Python that forks workers, sends itself modules by pipes, templates and facts.
# packages: ansible-core python3
# timeout: 600
export HOME=/work ANSIBLE_FORCE_COLOR=0 ANSIBLE_NOCOWS=1 ANSIBLE_LOCALHOST_WARNING=False ANSIBLE_STDOUT_CALLBACK=default
export LC_ALL=C.UTF-8
printf '{%% for n in names | sort %%}{{ loop.index }}:{{ n | upper }}\n{%% endfor %%}' >t.j2
cat >p.yml <<'END'
- hosts: all
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: /usr/bin/python3
    names: [tom, ann, bob]
  tasks:
    - template: {src: t.j2, dest: "/work/out-{{ inventory_hostname }}", mode: "0640"}
      notify: told
    - lineinfile: {path: "/work/out-{{ inventory_hostname }}", line: "last", insertafter: EOF}
    - command: "echo {{ item * 3 }}"
      loop: [1, 2, 3]
      register: said
    - assert: {that: "said.results | map(attribute='stdout') | map('int') | sum == 18"}
    - block:
        - command: "false"
      rescue:
        - debug: {msg: "rescued {{ inventory_hostname }}"}
    - stat: {path: "/work/out-{{ inventory_hostname }}", get_checksum: true}
      register: s
    - debug: {msg: "{{ s.stat.mode }} {{ s.stat.checksum }}"}
  handlers:
    - name: told
      debug: {msg: "handled"}
END
ansible-playbook -f 2 -i 'a,b,' p.yml 2>&1 | grep -v '^$' | sed 's/ \*\**//; s/delta.*//' | sort
cat out-b
