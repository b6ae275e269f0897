# SPDX-License-Identifier: Apache-2.0
# Erlang: BEAM with its JIT or interpreter, a thousand processes, messages, links, binaries, ets.
# packages: erlang-base
# timeout: 200
cat >a.erl <<'END'
-module(a). -export([main/0]).
fib(N) when N < 2 -> N; fib(N) -> fib(N - 1) + fib(N - 2).
ring(0, P) -> receive X -> P ! X + 1 end;
    ring(N, P) -> Q = spawn(fun() -> ring(N - 1, P) end), receive X -> Q ! X + 1 end.
main() -> io:format("~p~n", [fib(24)]), S = self(), P = spawn(fun() -> ring(1000, S) end), P ! 0, receive R ->
    io:format("~p~n", [R]) end,
  process_flag(trap_exit, true), Q = spawn_link(fun() -> exit(boom) end), receive {'EXIT', Q, W} -> io:format("~p~n",
      [W]) end,
  T = ets:new(t, [public]), [spawn(fun() -> [ets:update_counter(T, K rem 10, 1, {K rem 10, 0}) || K <- lists:seq(1,
      500)], S ! done end) || _ <- lists:seq(1, 20)], [receive done -> ok end || _ <- lists:seq(1, 20)],
      io:format("~p~n", [lists:sort(ets:tab2list(T))]),
  io:format("~p ~p~n", [erlang:phash2(lists:seq(1, 1000)), catch 1 / (R - R)]), B = << <<(X * X):16>> || X <-
      lists:seq(1, 1000) >>, io:format("~p~n", [erlang:md5(B)]), io:format("~w~n", [erlang:crc32(term_to_binary({a,
      1.5, <<"x">>}))]),
  {ok, L} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127,0,0,1}}]), {ok, N} = inet:port(L), spawn(fun() ->
      {ok, C} = gen_tcp:accept(L), {ok, D} = gen_tcp:recv(C, 5), gen_tcp:send(C, string:uppercase(D)),
      timer:sleep(500) end), {ok, C} = gen_tcp:connect({127,0,0,1}, N, [binary, {active, false}]), gen_tcp:send(C,
      "hello"), io:format("~p~n", [gen_tcp:recv(C, 5)]), io:format("~p~n", [os:cmd("echo child")]), halt(0).
END
erlc a.erl && erl -noshell -run a main | sed 's/{a,[0-9]*}/line/g' | head -n 40
