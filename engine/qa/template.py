"""The plan that a person begins with."""

TEMPLATE = """\
# A QA plan of MobileNet Lab. `mobilenet-lab qa check FILE` reads it,
# `mobilenet-lab qa run FILE --phone SERIAL --report FOLDER` does it.
# Files are named from this file's folder. A line that begins with # says nothing.

title = "Release 1.4"

# Names as in `mobilenet-lab model list`, or .tflite files.
models = ["v1_0.50_128-int8"]

# When one run is enough: quick (3 s), lab (10 s and +-2 %), mlperf (60 s), sustained (10 min);
# or one of your own:
# preset = { min_s = 20, max_s = 120, min_count = 200, half_width_percent = 1 }
preset = "lab"

# How often each model is measured, in turns with the others; 3 at least. The spread between
# blocks is what makes a result sure or not.
blocks = 3

# threads = 4            # 4 where nothing is said, or as many as the phone has if fewer
# delegate = "xnnpack"   # cpu, xnnpack, nnapi, gpu
# source = "loop"        # loop, camera, pictures
# start_c = 31.0         # let the battery cool down to that before each run
# seed = 0               # of the order in which the models take turns

# A value passes when its whole 95 % interval keeps the limit by at least the margin; it fails
# when the whole interval is beyond. Between the two it is marginal: a WARNING.
margin_percent = 2.0

# A folder of pictures whose class is known (a folder per class), for a limit on top-1:
# pictures = "pictures"

# An earlier session to compare with: its number, or an exported .zip. Surely slower by more than
# regression_percent fails, detectably slower warns.
# baseline = 12
# baseline = "release-1.3.zip"
# regression_percent = 5.0

[limits]
median_ms = 60
p95_ms = 90
apk_mb = 35
# p90_ms = 80
# first_ms = 200
# load_ms = 100
# pipeline_fps = 15      # at least
# model_mb = 5
# top1_percent = 94      # at least; needs pictures

# What a person does and judges, in this order: P (pass), F (fail) or S (skip), and a comment.
[[manual]]
title = "A road is recognised"
instruction = "Point the camera at a road."
expects = "The first line says road, with more than 80 %."
# picture = "road.jpg"
# model = "v1_0.50_128-int8"
"""
