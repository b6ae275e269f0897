# SPDX-License-Identifier: Apache-2.0
# ffmpeg: test sources encoded and decoded by its own codecs and by x264, filters, threads.
# packages: ffmpeg
# timeout: 300
f='ffmpeg -hide_banner -loglevel error -nostdin -y -bitexact -threads 2'
video="-f lavfi -i testsrc=size=160x120:rate=10:duration=2"
$f $video -f lavfi -i sine=duration=2 -flags bitexact -cpuflags 0 -c:v ffv1 -c:a pcm_s16le a.mkv
ffprobe -v error -show_entries stream=codec_name,width,nb_read_frames -count_frames -of csv a.mkv
$f -i a.mkv -f framemd5 - | md5sum; for c in mpeg4 mjpeg png libx264
do $f -cpuflags 0 -i a.mkv -c:v $c -b:v 300k -preset fast -an -f avi $c.avi
ffprobe -v error -count_frames -show_entries stream=codec_name,nb_read_frames -of csv $c.avi; done
$f -cpuflags 0 -i a.mkv -vf 'hflip,scale=80:60:flags=bitexact+accurate_rnd,negate' -frames:v 3 -f framemd5 - |
grep -v '^#' | wc -l; $f -i a.mkv -vn -c:a flac b.flac; $f -i b.flac -f md5 -
