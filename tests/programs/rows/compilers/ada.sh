# SPDX-License-Identifier: Apache-2.0
# GNAT: tasks with rendezvous and protected objects, exceptions, delays, generics; gnatmake, bind and link.
# packages: gnat gcc
# timeout: 300
cat >main.adb <<'END'
with Ada.Text_IO; use Ada.Text_IO;
with Ada.Exceptions; use Ada.Exceptions;
with Ada.Containers.Ordered_Maps;
procedure Main is
   package Maps is new Ada.Containers.Ordered_Maps (Integer, Integer);
   protected Sum is
      procedure Add (N : Integer);
      entry Wait (N : out Integer);
   private
      Total, Calls : Integer := 0;
   end Sum;
   protected body Sum is
      procedure Add (N : Integer) is
      begin
         Total := Total + N;
         Calls := Calls + 1;
      end Add;
      entry Wait (N : out Integer) when Calls = 4000 is
      begin
         N := Total;
      end Wait;
   end Sum;
   task type Worker (Id : Integer);
   task body Worker is
   begin
      for I in 1 .. 1000 loop
         Sum.Add (I * Id);
         if I mod 100 = 0 then
            delay 0.0005;
         end if;
      end loop;
   end Worker;
   task Server is
      entry Square (N : in Integer; R : out Integer);
      entry Stop;
   end Server;
   task body Server is
   begin
      loop
         select
            accept Square (N : in Integer; R : out Integer) do
               if N > 90 then
                  raise Program_Error with "too large";
               end if;
               R := N * N;
            end Square;
         or
            accept Stop;
            exit;
         or
            delay 20.0;
            exit;
         end select;
      end loop;
   exception
      when Program_Error =>
         accept Stop;
   end Server;
   Map : Maps.Map;
   R, T : Integer := 0;
   type Small is range 0 .. 9;
   S : Small := 0;
begin
   declare
      A : Worker (1); B : Worker (2); C : Worker (3); D : Worker (4);
   begin
      Sum.Wait (T);
   end;
   Put_Line ("sum" & T'Image);
   for I in 1 .. 10 loop
      Server.Square (I, R);
      Map.Insert (-I, R);
   end loop;
   Put_Line (Map.First_Key'Image & Map.First_Element'Image & Map.Length'Image);
   begin
      Server.Square (91, R);
   exception
      when E : Program_Error => Put_Line ("raised " & Exception_Message (E));
   end;
   Server.Stop;
   begin
      for I in 1 .. 20 loop
         S := S + 1;
      end loop;
   exception
      when Constraint_Error => Put_Line ("range" & S'Image);
   end;
   declare
      type Ref is access Integer;
      Nothing : Ref := null;
   begin
      Nothing.all := 1;
      Put_Line ("no check");
   exception
      when Constraint_Error => Put_Line ("null");
   end;
   declare
      function Deep (N : Integer) return Integer is
         Room : array (1 .. 1000) of Integer := (others => N);
      begin
         return (if N = 0 then 0 else Deep (N - 1) + Room (N mod 1000 + 1) - N);
      end Deep;
   begin
      Put_Line ("deep" & Deep (500)'Image);
   end;
end Main;
END
for o in '-O0 -gnata' '-O2'; do gnatmake -q -f $o main.adb && ./main; done
printf 'procedure Bad is\nbegin\n   X := 1;\nend Bad;\n' >bad.adb; gnatmake -q bad.adb 2>&1 | grep -c undefined
