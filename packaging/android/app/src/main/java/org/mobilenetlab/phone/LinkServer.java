package org.mobilenetlab.phone;

import android.net.LocalServerSocket;
import android.net.LocalSocket;
import android.os.SystemClock;
import android.util.Log;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.mobilenetlab.phone.link.LabConnection;

/**
 * Listens where ADB can reach it and lets in one lab at a time.
 *
 * <p>It lives as long as the process: accept() cannot be woken on old Androids, and there is
 * nothing to gain from stopping it. One thread accepts, one reads for the lab that is connected.
 */
final class LinkServer {
    private static final String TAG = "LabLink";
    private static final String NAME = "mobilenet_lab";
    private static final int ROOT_UID = 0;
    private static final int SHELL_UID = 2000;
    private static final int SILENCE_MS = 5000;
    private static final int RETRY_MS = 2000;

    /** Speaks with one lab; returns when it has left. Called on the lab's own thread. */
    interface Host {
        void converse(LocalSocket peer) throws IOException, InterruptedException;
    }

    private final Host host;
    private final AtomicBoolean busy = new AtomicBoolean();

    LinkServer(Host host) {
        this.host = host;
    }

    void start() {
        Thread thread = new Thread("lab-link-accept") {
            @Override
            public void run() {
                while (true) {
                    try {
                        acceptForEver(new LocalServerSocket(NAME));
                    } catch (IOException e) {
                        Log.w(TAG, "cannot listen on " + NAME, e);
                    }
                    SystemClock.sleep(RETRY_MS);
                }
            }
        };
        thread.setDaemon(true);
        thread.start();
    }

    private void acceptForEver(LocalServerSocket server) throws IOException {
        try {
            while (true) {
                LocalSocket peer = server.accept();
                try {
                    welcome(peer);
                } catch (IOException e) {
                    Log.w(TAG, "a peer left at the door", e);
                    close(peer);
                }
            }
        } finally {
            server.close();
        }
    }

    private void welcome(final LocalSocket peer) throws IOException {
        int uid = peer.getPeerCredentials().getUid();
        if (uid != SHELL_UID && uid != ROOT_UID) {
            Log.w(TAG, "refused uid " + uid);
            close(peer);
            return;
        }
        peer.setSoTimeout(SILENCE_MS); // of reads and of writes
        if (!busy.compareAndSet(false, true)) {
            LabConnection.turnAway(peer.getOutputStream(), "busy",
                    "Another lab is connected to this phone.");
            close(peer);
            return;
        }
        Thread thread = new Thread("lab-link-reader") {
            @Override
            public void run() {
                try {
                    host.converse(peer);
                } catch (IOException e) {
                    Log.i(TAG, "the lab is gone: " + e.getMessage());
                } catch (InterruptedException e) {
                    Log.i(TAG, "interrupted");
                } finally {
                    close(peer);
                    busy.set(false);
                }
            }
        };
        thread.setDaemon(true);
        thread.start();
    }

    /** Ends what is being read from and written to a socket, from any thread. */
    static LabConnection.HangUp hangUp(final LocalSocket socket) {
        return new LabConnection.HangUp() {
            @Override
            public void hangUp() {
                try {
                    socket.shutdownInput();
                    socket.shutdownOutput();
                } catch (IOException e) {
                    Log.d(TAG, "hanging up", e); // the peer was faster
                }
            }
        };
    }

    private static void close(LocalSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            Log.d(TAG, "closing", e);
        }
    }
}
