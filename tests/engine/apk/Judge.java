import com.android.apksig.ApkVerifier;
import com.android.apksig.util.DataSources;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Paths;

/**
 * Asks Google's verifier about an APK, and about the same with each of its bytes changed in turn.
 *
 * <p>Usage: java -cp apksigner.jar Judge.java FILE.apk; prints one character for the APK as it is
 * and one for each byte, of which the bit (place % 8) was turned over: 1 if Android 7 and 8 accept
 * it by scheme v2 and Android 9 and later by scheme v3, else 0.
 *
 * <p>Only that it "verifies" is not enough: where the signature of v3 is cut off, apksigner falls
 * back to that of v2, and Android 9 does not.
 */
public final class Judge {
    private static final int LAST_WITHOUT_V3 = 27;

    private Judge() {}

    public static void main(String[] arguments) throws Exception {
        byte[] apk = Files.readAllBytes(Paths.get(arguments[0]));
        StringBuilder verdicts = new StringBuilder(apk.length + 1).append(verdict(apk));
        for (int at = 0; at < apk.length; at++) {
            apk[at] ^= 1 << at % 8;
            verdicts.append(verdict(apk));
            apk[at] ^= 1 << at % 8;
        }
        System.out.println(verdicts);
    }

    private static char verdict(byte[] apk) {
        ApkVerifier.Result old = verify(apk, LAST_WITHOUT_V3);
        ApkVerifier.Result recent = verify(apk, Integer.MAX_VALUE);
        boolean byV2 = old != null && old.isVerified() && old.isVerifiedUsingV2Scheme();
        boolean byV3 = recent != null && recent.isVerified() && recent.isVerifiedUsingV3Scheme();
        return byV2 && byV3 ? '1' : '0';
    }

    /** Returns what Google's verifier says, or null if it cannot read the APK at all. */
    private static ApkVerifier.Result verify(byte[] apk, int newest) {
        try {
            return new ApkVerifier.Builder(DataSources.asDataSource(ByteBuffer.wrap(apk)))
                    .setMaxCheckedPlatformVersion(newest)
                    .build()
                    .verify();
        } catch (Exception refused) {
            return null;
        }
    }
}
