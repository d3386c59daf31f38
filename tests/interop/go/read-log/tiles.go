package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	width  = 1 << height
)

// tileReader reads the tiles of a log by the names of one of the two families of paths.
type tileReader struct {
	base    string
	goPaths bool
}

func (r *tileReader) Height() int { return height }

func (r *tileReader) SaveTiles([]tlog.Tile, [][]byte) {}

func (r *tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range tiles {
		data, err := fetch(r.base, r.path(tile))
		if err != nil {
			return nil, err
		}
		read = append(read, data)
	}
	return read, nil
}

// path spells a tile as x/mod does, tile/8/L/N and tile/8/data/N, or as C2SP does.
func (r *tileReader) path(tile tlog.Tile) string {
	if r.goPaths {
		return tile.Path()
	}
	path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
	return strings.Replace(path, "tile/data/", "tile/entries/", 1)
}

// entry reads one entry of a log of this size: bundles hold (length as two bytes, entry) in a row.
func (r *tileReader) entry(index, size int64) ([]byte, error) {
	tile := tlog.Tile{H: height, L: -1, N: index / width, W: width}
	if rest := size - tile.N*width; rest < width {
		tile.W = int(rest)
	}
	data, err := fetch(r.base, r.path(tile))
	for place := int64(0); err == nil; place++ {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("entry %d is not in its bundle", index)
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		if place == index%width {
			return data[2:end], nil
		}
		data = data[end:]
	}
	return nil, err
}

// fetch reads a file of the log from a URL or a folder.
func fetch(base, path string) ([]byte, error) {
	if !strings.HasPrefix(base, "http://") {
		return os.ReadFile(filepath.Join(base, filepath.FromSlash(path)))
	}
	answer, err := http.Get(base + "/" + path)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, answer.Status)
	}
	return io.ReadAll(answer.Body)
}
