package org.mobilenetlab.phone.runtime;

import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.io.File;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class DelegateTrialTest {
    @Rule public final TemporaryFolder folder = new TemporaryFolder();
    private File file;

    @Before
    public void setUp() {
        file = new File(folder.getRoot(), "delegate.trial");
    }

    @Test
    public void trialThatEndedIsForgotten() {
        DelegateTrial trial = new DelegateTrial(file);
        trial.begin("gpu");
        trial.end();
        assertFalse(new DelegateTrial(file).endedTheApp("gpu"));
    }

    @Test
    public void trialThatEndedTheAppIsToldOnce() {
        new DelegateTrial(file).begin("gpu");
        DelegateTrial next = new DelegateTrial(file);
        assertTrue(next.endedTheApp("gpu"));
        assertFalse("then it may be tried again", next.endedTheApp("gpu"));
    }

    @Test
    public void otherDelegatesAreNotBlamed() {
        new DelegateTrial(file).begin("gpu");
        assertFalse(new DelegateTrial(file).endedTheApp("nnapi"));
    }

    @Test
    public void folderThatCannotBeWrittenIsNoTrouble() {
        DelegateTrial trial = new DelegateTrial(new File(file, "nowhere"));
        trial.begin("gpu");
        assertFalse(trial.endedTheApp("gpu"));
        trial.end();
    }
}
