#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| underlay_tests::hostile::arriving(bytes));
