/* Gst is a relay on gst-rtsp-server, to be measured beside Baton: it pulls one stream of H.264 from another server, over
 * TCP, and has it read at /load.
 *
 *   cc -O2 -o gst main.c $(pkg-config --cflags --libs gstreamer-rtsp-server-1.0)
 *   gst rtsp://127.0.0.1:8554/source
 */
#include <gst/gst.h>
#include <gst/rtsp-server/rtsp-server.h>
#include <stdio.h>

int main(int argc, char *argv[]) {
	gst_init(&argc, &argv);
	if (argc != 2) {
		fprintf(stderr, "usage: gst URL\n");
		return 2;
	}
	GstRTSPServer *server = gst_rtsp_server_new();
	gst_rtsp_server_set_address(server, "127.0.0.1");
	gst_rtsp_server_set_service(server, "0");

	gchar *launch = g_strdup_printf("( rtspsrc location=\"%s\" protocols=tcp latency=0 ! rtph264depay ! rtph264pay name=pay0 pt=96 mtu=1400 )", argv[1]);
	GstRTSPMediaFactory *factory = gst_rtsp_media_factory_new();
	gst_rtsp_media_factory_set_shared(factory, TRUE);
	gst_rtsp_media_factory_set_latency(factory, 0);
	gst_rtsp_media_factory_set_launch(factory, launch);
	GstRTSPMountPoints *mounts = gst_rtsp_server_get_mount_points(server);
	gst_rtsp_mount_points_add_factory(mounts, "/load", factory);
	g_object_unref(mounts);
	g_free(launch);

	if (gst_rtsp_server_attach(server, NULL) == 0)
		return 1;
	printf("rtsp://127.0.0.1:%d\n", gst_rtsp_server_get_bound_port(server));
	fflush(stdout);
	g_main_loop_run(g_main_loop_new(NULL, FALSE));
	return 0;
}
