package org.mobilenetlab.phone.core;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;
import static org.junit.Assert.fail;

import java.io.File;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
        return new ModelInfo("m-" + content, sha256, bytes.length, true, Arrays.asList("ä", "b"),
                Reading.of("segmentation", "letterbox", null));
    }

    private static ModelInfo unlabelled(long sizeBytes) {
        return new ModelInfo(
                "m", "00", sizeBytes, false, Arrays.<String>asList(), Reading.UNTOLD);
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
        store.keep();
        ModelStore next = new ModelStore(folder, "stamp 1");
        ModelInfo current = next.current();
        assertEquals("m-hello", current.name);
        assertEquals(Arrays.asList("ä", "b"), current.labels);
        assertEquals("segmentation", current.reading.task);
        assertEquals(Fit.LETTERBOX, current.reading.fit);
        assertNull(current.reading.scores);
        assertArrayEquals("hello".getBytes(StandardCharsets.UTF_8), bytes(next.open(current)));
    }

    @Test
    public void newerModelReplacesTheOlderOne() throws Exception {
        for (String content : Arrays.asList("first", "second")) {
            upload(content);
            store.finish();
            store.keep();
        }
        assertEquals("m-second", store.current().name);
        assertEquals(2, folder.list().length); // the model and its record, nothing left over
    }

    @Test
    public void newApkDropsTheModelOfTheOldOne() throws Exception {
        upload("hello");
        store.finish();
        store.keep();
        assertNull(new ModelStore(folder, "stamp 2").current());
    }

    @Test
    public void uploadThatTheAppsEndHasCutOffIsSweptAway() throws Exception {
        upload("hello");
        assertEquals(1, folder.list().length);
        assertNull(new ModelStore(folder, "stamp 1").current());
        assertEquals(0, folder.list().length);
    }

    @Test
    public void unfinishedUploadHarmsNothing() throws Exception {
        upload("hello");
        store.finish();
        store.keep();
        upload("other");
        store.abort();
        assertEquals("m-hello", store.current().name);
        upload("third");
        assertEquals("m-hello", new ModelStore(folder, "stamp 1").current().name);
    }

    @Test
    public void modelThatCannotBeKeptLeavesTheLastOne() throws Exception {
        upload("hello");
        store.finish();
        store.keep();
        upload("other");
        store.finish();
        assertTrue(new File(folder, "current.new").mkdir()); // so its record cannot be written
        assertRefused("no_space", store::keep);
        assertEquals("m-hello", store.current().name);
        assertEquals(2, folder.list().length);
        upload("third");
        store.finish();
        store.keep();
        assertEquals("m-third", store.current().name);
    }

    @Test
    public void sameModelAgainThatCannotBeKeptIsStillThere() throws Exception {
        upload("hello");
        store.finish();
        store.keep();
        upload("hello");
        store.finish();
        assertTrue(new File(folder, "current.new").mkdir());
        assertRefused("no_space", store::keep);
        assertEquals("m-hello", store.current().name);
    }

    @Test
    public void damagedRecordIsAsGoodAsNone() throws Exception {
        File record = new File(folder, "current.json");
        upload("hello");
        store.finish();
        store.keep();
        String text = new String(Files.readAllBytes(record.toPath()), StandardCharsets.UTF_8);
        for (String damaged : Arrays.asList("", "[]", text.substring(0, text.length() / 2),
                text.replace("segmentation", "poetry"), text.replace("\"stamp\"", "\"x\""))) {
            Files.write(record.toPath(), damaged.getBytes(StandardCharsets.UTF_8));
            assertNull(damaged, store.current());
        }
        Files.write(record.toPath(), text.getBytes(StandardCharsets.UTF_8));
        assertEquals("m-hello", store.current().name);
    }

    @Test
    public void modelFileThatWasCutDoesNotCount() throws Exception {
        upload("hello");
        store.finish();
        store.keep();
        File model = new File(folder, store.current().sha256 + ".tflite");
        Files.write(model.toPath(), new byte[3]);
        assertNull(store.current());
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
        store.begin(unlabelled(1 << 20));
        assertRefused("too_big", () -> store.append(0, new byte[262_145], 0, 262_145));
        assertRefused("bad_state", store::finish);
    }

    @Test
    public void absurdSizesAreRefused() throws Exception {
        assertRefused("too_big", () -> store.begin(
                unlabelled(1L << 31)));
    }
}
