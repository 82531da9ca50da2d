package org.mobilenetlab.phone.screen;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import org.junit.Test;

public class TurnTest {
    private static final int[] DISPLAYS = {0, 90, 180, 270};

    private static int[] turns(int sensor, boolean front) {
        int[] turns = new int[DISPLAYS.length];
        for (int i = 0; i < turns.length; i++) {
            turns[i] = Turn.ofPicture(sensor, DISPLAYS[i], front);
        }
        return turns;
    }

    @Test
    public void backCameraTurnsAgainstTheDisplay() {
        assertArrayEquals(new int[] {90, 0, 270, 180}, turns(90, false));
    }

    @Test
    public void frontCameraTurnsWithTheDisplay() {
        assertArrayEquals(new int[] {270, 0, 90, 180}, turns(270, true));
    }

    @Test
    public void tabletsSensorsSitStraight() {
        assertArrayEquals(new int[] {0, 270, 180, 90}, turns(0, false));
        assertArrayEquals(new int[] {0, 90, 180, 270}, turns(0, true));
    }

    @Test
    public void bothCamerasStandUprightWhereThePhoneLiesOnItsLeftSide() {
        // Phones' sensors sit so that their long side is the phone's: landscape needs no turn.
        assertEquals(0, Turn.ofPicture(90, 90, false));
        assertEquals(0, Turn.ofPicture(270, 90, true));
    }

    @Test
    public void quarterTurnsMakeWidthOfHeight() {
        assertTrue(Turn.isSideways(90));
        assertTrue(Turn.isSideways(270));
        assertFalse(Turn.isSideways(0));
        assertFalse(Turn.isSideways(180));
    }
}
