// Command ask-witness has a witness cosign a log, with the client of transparency-dev/witness and the
// tile reader of torchwood.
//
//	ask-witness version
//	ask-witness LOG-URL LOG-VKEY WITNESS-URL WITNESS-VKEY
//
// It reads the newest checkpoint and tiles under LOG-URL, asks from size 0, learns from the refusal
// which size the witness has recorded, proves the growth, and requires a cosignature that holds.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"

	"filippo.io/torchwood"
	fnote "github.com/transparency-dev/formats/note"
	client "github.com/transparency-dev/witness/client/http"
	"github.com/transparency-dev/witness/witness"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"touchplate.example/interop/version"
)

// Cosigned is what a witness has cosigned: from which size to which, and when by its clock.
type Cosigned struct {
	Old  int64 `json:"old"`
	Size int64 `json:"size"`
	Time int64 `json:"time"`
}

func main() {
	answer, err := run(context.Background(), os.Args[1:])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(answer)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) (any, error) {
	switch {
	case len(args) == 1 && args[0] == "version":
		return version.Of("github.com/transparency-dev/witness"), nil
	case len(args) == 4:
		return cosign(ctx, args[0], args[1], args[2], args[3])
	}
	return nil, errors.New("usage: ask-witness version | LOG-URL LOG-VKEY WITNESS-URL WITNESS-VKEY")
}

func cosign(ctx context.Context, logURL, logKey, witnessURL, witnessKey string) (any, error) {
	log, err := note.NewVerifier(logKey)
	if err != nil {
		return nil, err
	}
	cosigner, err := fnote.NewVerifierForCosignatureV1(witnessKey)
	if err != nil {
		return nil, err
	}
	tiles, err := torchwood.NewTileFetcher(logURL)
	if err != nil {
		return nil, err
	}
	signed, err := tiles.ReadEndpoint(ctx, "checkpoint")
	if err != nil {
		return nil, err
	}
	opened, err := note.Open(signed, note.VerifierList(log))
	if err != nil {
		return nil, err
	}
	checkpoint, err := torchwood.ParseCheckpoint(opened.Text)
	if err != nil {
		return nil, err
	}
	address, err := url.Parse(witnessURL)
	if err != nil {
		return nil, err
	}
	asked := client.NewWitness(address, http.DefaultClient)
	lines, old, err := ask(ctx, asked, checkpoint.Tree, signed, tiles)
	if err != nil {
		return nil, err
	}
	return check(append(signed, lines...), cosigner, old, checkpoint.N)
}

// ask asks from nothing, and once more from the size that the witness says it has recorded.
func ask(ctx context.Context, asked client.Witness, tree tlog.Tree, signed []byte, tiles *torchwood.TileFetcher) ([]byte, int64, error) {
	lines, recorded, err := asked.Update(ctx, 0, signed, nil)
	if !errors.Is(err, witness.ErrCheckpointStale) {
		return lines, 0, err
	}
	old := int64(recorded)
	var hashes [][]byte
	if old < tree.N {
		proof, err := tlog.ProveTree(tree.N, old, torchwood.TileHashReaderWithContext(ctx, tree, tiles))
		if err != nil {
			return nil, old, err
		}
		for _, hash := range proof {
			hashes = append(hashes, hash[:])
		}
	}
	lines, _, err = asked.Update(ctx, recorded, signed, hashes)
	return lines, old, err
}

// check requires that the witness's line stands in the note and holds.
func check(cosigned []byte, cosigner note.Verifier, old, size int64) (any, error) {
	opened, err := note.Open(cosigned, note.VerifierList(cosigner))
	if err != nil {
		return nil, err
	}
	seconds, err := torchwood.CosignatureTimestamp(opened.Sigs[0])
	return Cosigned{old, size, seconds}, err
}
