/*
 * seeker plays an RTSP URL with GStreamer as a player does, seeks as it is told on standard input, a line each
 *
 *	seek RATE START STOP	(seconds; STOP -1: the end)
 *
 * and prints what it sees: "frame LUMA", the brightness of each decoded picture when it is due; "sought" or "refused"
 * after each seek; "end" at the end of the stream. It ends with its input.
 */
#include <gst/gst.h>
#include <stdio.h>
#include <string.h>

static void show(GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer data) {
	GstMapInfo map;
	if (!gst_buffer_map(buffer, &map, GST_MAP_READ))
		return;
	unsigned long sum = 0;
	for (gsize i = 0; i < map.size; i++)
		sum += map.data[i];
	printf("frame %.1f\n", map.size ? (double)sum / map.size : 0.);
	gst_buffer_unmap(buffer, &map);
}

static gboolean heard(GstBus *bus, GstMessage *message, gpointer data) {
	switch (GST_MESSAGE_TYPE(message)) {
	case GST_MESSAGE_EOS:
		printf("end\n");
		break;
	case GST_MESSAGE_ERROR: {
		GError *err = NULL;
		gst_message_parse_error(message, &err, NULL);
		printf("error %s\n", err->message);
		g_error_free(err);
		g_main_loop_quit(data);
		break;
	}
	default:
		break;
	}
	return TRUE;
}

static GstElement *pipeline;

static gboolean told(GIOChannel *in, GIOCondition condition, gpointer loop) {
	gchar *line = NULL;
	double rate, start, stop;
	if (g_io_channel_read_line(in, &line, NULL, NULL, NULL) != G_IO_STATUS_NORMAL) {
		g_main_loop_quit(loop);
		return FALSE;
	}
	if (sscanf(line, "seek %lf %lf %lf", &rate, &start, &stop) == 3) {
		gboolean ok = gst_element_seek(pipeline, rate, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH,
			GST_SEEK_TYPE_SET, (gint64)(start * GST_SECOND),
			stop < 0 ? GST_SEEK_TYPE_NONE : GST_SEEK_TYPE_SET, stop < 0 ? -1 : (gint64)(stop * GST_SECOND));
		printf(ok ? "sought\n" : "refused\n");
	}
	g_free(line);
	return TRUE;
}

int main(int argc, char **argv) {
	gst_init(&argc, &argv);
	if (argc != 3) {
		fprintf(stderr, "usage: seeker URL tcp|udp\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	gchar *text = g_strdup_printf("rtspsrc location=%s protocols=%s latency=100 ! rtph264depay ! h264parse ! avdec_h264 "
		"! videoconvert ! video/x-raw,format=GRAY8 ! fakesink name=out sync=true signal-handoffs=true", argv[1], argv[2]);
	pipeline = gst_parse_launch(text, NULL);
	g_free(text);
	if (!pipeline)
		return 1;
	GMainLoop *loop = g_main_loop_new(NULL, FALSE);
	GstElement *out = gst_bin_get_by_name(GST_BIN(pipeline), "out");
	g_signal_connect(out, "handoff", G_CALLBACK(show), NULL);
	gst_object_unref(out);
	GstBus *bus = gst_element_get_bus(pipeline);
	gst_bus_add_watch(bus, heard, loop);
	gst_object_unref(bus);
	GIOChannel *in = g_io_channel_unix_new(0);
	g_io_add_watch(in, G_IO_IN | G_IO_HUP, told, loop);
	gst_element_set_state(pipeline, GST_STATE_PLAYING);
	g_main_loop_run(loop);
	gst_element_set_state(pipeline, GST_STATE_NULL);
	gst_object_unref(pipeline);
	return 0;
}
