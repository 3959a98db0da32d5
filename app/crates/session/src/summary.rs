//! The capture summary as bytes: the contract's JSON, the same from page and command line.
