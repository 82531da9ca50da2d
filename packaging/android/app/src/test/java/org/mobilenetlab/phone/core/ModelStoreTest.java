package org.mobilenetlab.phone.core;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.fail;

import java.io.File;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public final class ModelStoreTest {
    @Rule public final TemporaryFolder temporary = new TemporaryFolder();

    private File folder;
    private ModelStore store;

    @Before
    public void makeStore() {
        folder = new File(temporary.getRoot(), "models");
        store = new ModelStore(folder, "stamp 1");
    }

    private static ModelInfo info(String content) throws Exception {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        String sha256 = ModelStore.hex(MessageDigest.getInstance("SHA-256").digest(bytes));
        return new ModelInfo("m-" + content, sha256, bytes.length, true, Arrays.asList("ä", "b"));
    }

    private void upload(String content) throws Exception {
        store.begin(info(content));
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        store.append(0, bytes, 0, 2);
        store.append(2, bytes, 2, bytes.length - 2);
    }

    private void assertRefused(String code, Action action) throws Exception {
        try {
            action.run();
            fail("not refused");
        } catch (LabException e) {
            assertEquals(code, e.code);
        }
    }

    private interface Action {
        void run() throws Exception;
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    @Test
    public void committedUploadIsTheModelOfTheNextStart() throws Exception {
        upload("hello");
        assertArrayEquals("hello".getBytes(StandardCharsets.UTF_8), bytes(store.finish()));
        store.commit();
        ModelStore next = new ModelStore(folder, "stamp 1");
        ModelInfo current = next.current();
        assertEquals("m-hello", current.name);
        assertEquals(Arrays.asList("ä", "b"), current.labels);
        assertArrayEquals("hello".getBytes(StandardCharsets.UTF_8), bytes(next.open(current)));
    }

    @Test
    public void newerModelReplacesTheOlderOne() throws Exception {
        for (String content : Arrays.asList("first", "second")) {
            upload(content);
            store.finish();
            store.commit();
        }
        assertEquals("m-second", store.current().name);
        assertEquals(2, folder.list().length); // the model and its record, nothing left over
    }

    @Test
    public void newApkDropsTheModelOfTheOldOne() throws Exception {
        upload("hello");
        store.finish();
        store.commit();
        assertNull(new ModelStore(folder, "stamp 2").current());
    }

    @Test
    public void unfinishedUploadHarmsNothing() throws Exception {
        upload("hello");
        store.finish();
        store.commit();
        upload("other");
        store.abort();
        assertEquals("m-hello", store.current().name);
        upload("third");
        assertEquals("m-hello", new ModelStore(folder, "stamp 1").current().name);
    }

    @Test
    public void damageIsNoticed() throws Exception {
        store.begin(info("hello"));
        store.append(0, new byte[5], 0, 5);
        assertRefused("bad_sha256", store::finish);
        assertRefused("bad_state", store::finish);
    }

    @Test
    public void bytesMustComeInOrderAndAsAnnounced() throws Exception {
        assertRefused("bad_state", () -> store.append(0, new byte[1], 0, 1));
        store.begin(info("hello"));
        store.append(0, new byte[1], 0, 1);
        assertRefused("bad_offset", store::finish);
        assertRefused("bad_state", store::finish);
    }

    @Test
    public void badChunkDropsTheUpload() throws Exception {
        store.begin(info("hello"));
        assertRefused("bad_offset", () -> store.append(1, new byte[1], 0, 1));
        assertRefused("bad_state", () -> store.append(0, new byte[1], 0, 1));
        store.begin(info("hello"));
        assertRefused("too_big", () -> store.append(0, new byte[6], 0, 6));
        assertRefused("bad_state", store::finish);
        store.begin(new ModelInfo("m", "00", 1 << 20, false, Arrays.<String>asList()));
        assertRefused("too_big", () -> store.append(0, new byte[262_145], 0, 262_145));
        assertRefused("bad_state", store::finish);
    }

    @Test
    public void absurdSizesAreRefused() throws Exception {
        assertRefused("too_big", () -> store.begin(
                new ModelInfo("m", "00", 1L << 31, false, Arrays.<String>asList())));
    }
}
