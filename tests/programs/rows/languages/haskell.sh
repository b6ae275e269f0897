# SPDX-License-Identifier: Apache-2.0
# GHC: the compiler, and its runtime with a timer that preempts, green threads on several of the system's, STM,
# exceptions between threads, a garbage collector that moves; the same by the interpreter.
# packages: ghc
# guests: x86_64 i386
# timeout: 600
cat >Main.hs <<'END'
import Control.Concurrent
import Control.Concurrent.MVar
import Control.Exception
import Control.Monad
import Data.Bits
import Data.IORef
import Data.List (foldl', sort)
import qualified Data.Map.Strict as M
import GHC.Conc (atomically, newTVarIO, readTVar, retry, writeTVar)
import System.IO
import System.Mem (performGC)
import System.Timeout (timeout)
import Text.Printf

collatz :: Int -> Int
collatz n = go n 1 where
  go 1 k = k
  go m k = go (if even m then m `div` 2 else 3 * m + 1) (k + 1)

main :: IO ()
main = do
  hSetBuffering stdout LineBuffering
  print (maximum (map collatz [1 .. 5000]), product [1 .. 40 :: Integer] `mod` (2 ^ 89 - 1))
  let m = foldl' (\acc i -> M.insertWith (+) (i * 7919 `mod` 101) i acc) M.empty [1 .. 20000 :: Int]
  print (M.size m, M.lookup 42 m, take 3 (sort (map show (M.elems m))))
  total <- newTVarIO (0 :: Int)
  forM_ [1 .. 8] $ \i -> forkIO $ forM_ [1 .. 200] $ \j ->
    atomically $ readTVar total >>= writeTVar total . (+ (i * j))
  atomically $ do { v <- readTVar total; when (v < 36 * 20100) retry }
  putStrLn "stm"
  spins <- newIORef (0 :: Int)
  spinner <- forkIO $ forever $ modifyIORef' spins (+ 1)
  threadDelay 20000
  killThread spinner
  n <- readIORef spins
  print (n > 0)
  r <- try (evaluate (1 `div` (0 :: Int))) :: IO (Either ArithException Int)
  print r
  t <- timeout 20000 (threadDelay 10000000)
  print t
  blocked <- newEmptyMVar :: IO (MVar ())
  b <- try (takeMVar blocked) :: IO (Either BlockedIndefinitelyOnMVar ())
  print b
  performGC
  printf "%.6f %x %s\n" (sqrt 2 :: Double) (popCount (12345 :: Int)) (show (fromIntegral (2 ^ 40 :: Integer) :: Float))
END
for o in '-O0' '-O1 -threaded -rtsopts'; do
    ghc -v0 -fforce-recomp $o Main.hs -o main && ./main
done
./main +RTS -N3 -A64k; runghc Main.hs
printf 'main = putStrLn (1 + True)\n' >Bad.hs; ghc -v0 Bad.hs 2>&1 | grep -c 'error'
