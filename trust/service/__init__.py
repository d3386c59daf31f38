"""A registry at work: settings, clock, CA, TSA, sequencer, projections."""
