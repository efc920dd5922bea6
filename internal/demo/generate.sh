#!/bin/sh
# Makes demo.mp4, with ffmpeg 5 or later.
cd "$(dirname "$0")" && exec ffmpeg -v error -y \
	-f lavfi -i "gradients=s=640x360:r=25:d=20:speed=0.015:c0=0x1a1a2e:c1=0xe0a040:c2=0x20305a:x0=0:y0=0:x1=640:y1=360:nb_colors=3" \
	-f lavfi -i "testsrc2=s=200x112:r=25:d=20" \
	-f lavfi -i "aevalsrc='0.2*sin(2*PI*220*t)*(0.6+0.4*sin(2*PI*0.5*t))+0.12*sin(2*PI*277.18*t)+0.12*sin(2*PI*329.63*t)':s=48000:d=20" \
	-filter_complex "[0][1]overlay=x='220+180*cos(t*0.6283)':y='124+100*sin(t*1.2566)'" \
	-c:v libx264 -profile:v main -preset slow -b:v 420k -maxrate 600k -bufsize 1200k \
	-g 50 -keyint_min 50 -sc_threshold 0 -bf 2 -pix_fmt yuv420p -c:a aac -b:a 64k -ac 1 -movflags +faststart demo.mp4
