package main

import (
	"encoding/hex"
	"os"

	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/tlog"
)

// tlogProof reads a .tlog-proof with the stock reader and leads the leaf hash to its checkpoint.
func tlogProof(vkey, path, leafHash string) (any, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var read proof.TLogProof
	if err := read.Unmarshal(data); err != nil {
		return nil, err
	}
	tree, signed, err := openCheckpoint(vkey, read.Checkpoint)
	if err != nil {
		return nil, err
	}
	leaf, err := hex.DecodeString(leafHash)
	if err != nil {
		return nil, err
	}
	var hashes tlog.RecordProof
	for _, hash := range read.Hashes {
		hashes = append(hashes, tlog.Hash(hash))
	}
	answer := struct {
		Tree
		Index     uint64 `json:"index"`
		Canonical bool   `json:"canonical"`
	}{tree, read.Index, string(read.Marshal()) == string(data)}
	return answer, tlog.CheckRecord(hashes, signed.N, signed.Hash, int64(read.Index), tlog.Hash(leaf))
}
