#!/bin/bash
# Writes a log by hand.
cat > PT1H.json <<EOF
{"records":[{"time":"2026-11-20T09:00:41Z","flowLogVersion":4,"macAddress":"6045BD12AB34","category":"FlowLogFlowEvent","flowRecords":{"flows":[{"aclID":"a","flowGroups":[{"rule":"r","flowTuples":["1795165220517,10.13.100.6,10.244.0.147,41876,8080,6,I,E,NX,6,702,5,1893"]}]}]}}]}
EOF
