# SPDX-License-Identifier: Apache-2.0
# gfortran: f951 on modules, arrays, derived types and OpenMP; its runtime's formatted and unformatted files.
# packages: gfortran gcc
# timeout: 300
cat >p.f90 <<'END'
module shapes
  implicit none
  type, abstract :: shape
  contains
    procedure(area_of), deferred :: area
  end type
  abstract interface
    function area_of(self) result(a)
      import shape
      class(shape), intent(in) :: self
      real(8) :: a
    end function
  end interface
  type, extends(shape) :: square
    real(8) :: side
  contains
    procedure :: area => square_area
  end type
contains
  function square_area(self) result(a)
    class(square), intent(in) :: self
    real(8) :: a
    a = self%side ** 2
  end function
  recursive integer function ack(m, n) result(r)
    integer, intent(in) :: m, n
    if (m == 0) then
      r = n + 1
    else if (n == 0) then
      r = ack(m - 1, 1)
    else
      r = ack(m - 1, ack(m, n - 1))
    end if
  end function
end module
program p
  use shapes
  implicit none
  real(8) :: a(60, 60), b(60, 60), c(60, 60)
  complex(8) :: z
  integer :: i, j, total, io
  character(len=20) :: text
  class(shape), allocatable :: s
  forall (i = 1:60, j = 1:60) a(i, j) = mod(i * j, 7) - 3
  b = transpose(a) + 1
  c = matmul(a, b)
  print '(3f14.3)', sum(c), maxval(c), c(17, 42)
  z = (1d0, 1d0)
  do i = 1, 20
    z = z * (0.6d0, 0.8d0)
  end do
  print '(2es16.8)', z
  allocate(s, source=square(1.5d0))
  print '(f8.4, i6)', s%area(), ack(2, 9)
  total = 0
  !$omp parallel do reduction(+:total)
  do i = 1, 100000
    total = total + mod(i * 7, 13)
  end do
  print *, total, count(a > 0), pack([1, 2, 3, 4], [.true., .false., .true., .false.])
  open(10, file='data', form='unformatted')
  write(10) c
  close(10)
  open(10, file='data', form='unformatted')
  read(10) b
  close(10, status='delete')
  write(text, '(z8.8, 1x, b8.8)') 48879, 165
  print *, all(b == c), text
  read(text, '(i2)', iostat=io) i
  print *, io, i
  print '(a, g0.6, 1x, i0)', 'end ', atan2(1d0, -1d0), selected_real_kind(15)
end program
END
for o in '-O0 -fcheck=all' '-O2 -fopenmp'; do gfortran $o -ffp-contract=off p.f90 -o a && OMP_NUM_THREADS=4 ./a; done
printf 'program q\nx = "a"\nend\n' >q.f90; gfortran q.f90 2>&1 | grep -c Error
printf 'program r\ninteger :: a(3), i\ni = 4\na(i) = 1\nprint *, a\nend\n' >r.f90
gfortran -fcheck=bounds r.f90 -o r 2>/dev/null && ./r 2>&1 | grep -c 'out of bounds\|above upper bound'
