# SPDX-License-Identifier: Apache-2.0
# octave: matrices, cell arrays, strings, FFT, ODE.
# packages: octave
# timeout: 300
cat >a.m <<'END'
A = magic(6); printf("%d ", sum(A(:)), rank(A)); printf("%.8f\n", norm(inv(A(1:3,1:3)))); x = linspace(0, 1, 1000);
    printf("%.10f\n", trapz(x, exp(-x.^2))); printf("%.6f ", sort(abs(eig(A)))'); disp("");
c = cellfun(@(s) upper(s), {"a", "bc"}, "UniformOutput", false); disp(strjoin(c, "-"));
    f = fft(sin(2*pi*5*(0:255)/256)); [m, i] = max(abs(f)); printf("%d %.6f\n", i, m); s = 0;
    for k = 1:20000 s = mod(s * 31 + k, 10007); end; disp(s)
try error("id:x", "bad %d", 3); catch e, disp(e.message); end; [t, y] = ode45(@(t, y) -y, [0 1], 1);
    printf("%.4f\n", y(end)); disp(regexprep("abc", "(b)", "<$1>")); disp(num2str(pi, 12));
    B = A \ (1:6)'; printf("%d\n", size(B, 1)); [s, o] = system("echo child"); printf("%d %s", s, o);
END
HOME=/work octave-cli --norc a.m 2>/dev/null
