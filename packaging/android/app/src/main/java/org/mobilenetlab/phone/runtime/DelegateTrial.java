package org.mobilenetlab.phone.runtime;

import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Remembers which delegate is being tried, so that a driver that ends the whole app is not tried
 * again at the next start, and at the next, for ever.
 *
 * <p>While a trial goes on there is a file with the delegate's name; a trial that ends, well or
 * not, removes it. Who finds it there knows that the app ended in between.
 */
public final class DelegateTrial {
    private static final int MOST_BYTES = 64;

    private final File file;

    public DelegateTrial(File file) {
        this.file = file;
    }

    /** Whether the app ended in a trial of this delegate; says so once. */
    public boolean endedTheApp(String delegate) {
        if (!file.isFile()) {
            return false;
        }
        byte[] bytes = new byte[MOST_BYTES];
        int length = 0;
        try (FileInputStream in = new FileInputStream(file)) {
            length = Math.max(0, in.read(bytes));
        } catch (IOException e) {
            return false;
        } finally {
            file.delete();
        }
        return delegate.equals(new String(bytes, 0, length, StandardCharsets.UTF_8));
    }

    /**
     * A phone that cannot write the file tries without it. Nothing is forced to the disk: that
     * would be measured as the model's loading, and only the app ends, not the phone.
     */
    public void begin(String delegate) {
        try (FileOutputStream out = new FileOutputStream(file)) {
            out.write(delegate.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            file.delete();
        }
    }

    public void end() {
        file.delete();
    }
}
