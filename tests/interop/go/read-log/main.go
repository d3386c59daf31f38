// Command read-log reads our log with golang.org/x/mod, the code behind Go's own checksum database.
//
//	read-log version
//	read-log check VKEY BUNDLE
//	read-log proof VKEY FILE LEAFHASH
//	read-log prove VKEY BASE PATHS PLACE...
//
// check: the bundle's checkpoint is signed by the log, and its proof leads from its leaf to there.
// proof: the same of a .tlog-proof, read by github.com/transparency-dev/formats.
// prove: reads checkpoint and tiles under BASE (a URL or a folder), with PATHS as `go` or C2SP's
// `c2sp` spell them, and makes a proof for each PLACE: `index@size`, that an entry is in the tree,
// or `old..new`, that one tree continues the other. Every proof is checked before it is printed.
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"touchplate.example/interop/version"
)

func main() {
	answer, err := run(os.Args[1:])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(answer)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
}

func run(args []string) (any, error) {
	switch {
	case len(args) == 1 && args[0] == "version":
		return version.Of("golang.org/x/mod"), nil
	case len(args) == 3 && args[0] == "check":
		return check(args[1], args[2])
	case len(args) == 4 && args[0] == "proof":
		return tlogProof(args[1], args[2], args[3])
	case len(args) > 3 && args[0] == "prove":
		return prove(args[1], args[2], args[3], args[4:])
	}
	return nil, fmt.Errorf("usage: read-log version | check VKEY BUNDLE | proof VKEY FILE LEAFHASH | prove VKEY BASE PATHS PLACE...")
}

// Tree is what a checkpoint says. Unknown counts the signatures of keys other than the log's.
type Tree struct {
	Origin  string `json:"origin"`
	Size    int64  `json:"size"`
	Root    []byte `json:"root"`
	Unknown int    `json:"unknown"`
}

// openCheckpoint requires the signature of the log and returns the tree that it signed.
func openCheckpoint(vkey string, signed []byte) (Tree, tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return Tree{}, tlog.Tree{}, err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return Tree{}, tlog.Tree{}, err
	}
	var origin, size, encoded string
	if _, err := fmt.Sscanf(opened.Text, "%s\n%s\n%s\n", &origin, &size, &encoded); err != nil {
		return Tree{}, tlog.Tree{}, err
	}
	tree := Tree{Origin: origin, Unknown: len(opened.UnverifiedSigs)}
	if tree.Size, err = strconv.ParseInt(size, 10, 64); err != nil {
		return Tree{}, tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(encoded)
	tree.Root = root[:]
	return tree, tlog.Tree{N: tree.Size, Hash: root}, err
}

// logEntry is the part of a Sigstore bundle that the log answers for.
type logEntry struct {
	VerificationMaterial struct {
		TlogEntries []struct {
			LogIndex          int64  `json:"logIndex,string"`
			CanonicalizedBody []byte `json:"canonicalizedBody"`
			InclusionProof    struct {
				Hashes     [][]byte                  `json:"hashes"`
				Checkpoint struct{ Envelope string } `json:"checkpoint"`
			} `json:"inclusionProof"`
		} `json:"tlogEntries"`
	} `json:"verificationMaterial"`
}

func check(vkey, path string) (any, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var bundle logEntry
	if err := json.Unmarshal(data, &bundle); err != nil {
		return nil, err
	}
	if len(bundle.VerificationMaterial.TlogEntries) != 1 {
		return nil, fmt.Errorf("no log entry")
	}
	entry := bundle.VerificationMaterial.TlogEntries[0]
	tree, signed, err := openCheckpoint(vkey, []byte(entry.InclusionProof.Checkpoint.Envelope))
	if err != nil {
		return nil, err
	}
	var proof tlog.RecordProof
	for _, hash := range entry.InclusionProof.Hashes {
		proof = append(proof, tlog.Hash(hash))
	}
	leaf := tlog.RecordHash(entry.CanonicalizedBody)
	return tree, tlog.CheckRecord(proof, signed.N, signed.Hash, entry.LogIndex, leaf)
}

func prove(vkey, base, paths string, places []string) (any, error) {
	signed, err := fetch(base, "checkpoint")
	if err != nil {
		return nil, err
	}
	tree, newest, err := openCheckpoint(vkey, signed)
	if err != nil {
		return nil, err
	}
	tiles := &tileReader{base: base, goPaths: paths == "go"}
	hashes := tlog.TileHashReader(newest, tiles)
	proofs := map[string][]string{}
	for _, place := range places {
		made, err := proveOne(place, newest, hashes, tiles)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", place, err)
		}
		proofs[place] = []string{}
		for _, hash := range made {
			proofs[place] = append(proofs[place], base64.StdEncoding.EncodeToString(hash[:]))
		}
	}
	return struct {
		Tree
		Proofs map[string][]string `json:"proofs"`
	}{tree, proofs}, nil
}

func proveOne(place string, newest tlog.Tree, hashes tlog.HashReader, tiles *tileReader) ([]tlog.Hash, error) {
	var first, size int64
	if _, err := fmt.Sscanf(place, "%d@%d", &first, &size); err == nil {
		return proveRecord(first, size, newest, hashes, tiles)
	}
	if _, err := fmt.Sscanf(place, "%d..%d", &first, &size); err == nil {
		return proveTree(first, size, hashes)
	}
	return nil, fmt.Errorf("expected index@size or old..new")
}

func proveRecord(index, size int64, newest tlog.Tree, hashes tlog.HashReader, tiles *tileReader) ([]tlog.Hash, error) {
	proof, err := tlog.ProveRecord(size, index, hashes)
	if err != nil {
		return nil, err
	}
	root, err := tlog.TreeHash(size, hashes)
	if err != nil {
		return nil, err
	}
	entry, err := tiles.entry(index, newest.N)
	if err != nil {
		return nil, err
	}
	return proof, tlog.CheckRecord(proof, size, root, index, tlog.RecordHash(entry))
}

func proveTree(old, size int64, hashes tlog.HashReader) ([]tlog.Hash, error) {
	proof, err := tlog.ProveTree(size, old, hashes)
	if err != nil {
		return nil, err
	}
	root, err := tlog.TreeHash(size, hashes)
	if err != nil {
		return nil, err
	}
	oldRoot, err := tlog.TreeHash(old, hashes)
	if err != nil {
		return nil, err
	}
	return proof, tlog.CheckTree(proof, size, root, old, oldRoot)
}
