// Reads what kubectl reads, the way kubectl reads it: each line of the input is a JSON text that holds a whole file,
// and each line of the output is {"documents": [...]} with the documents of that file as JSON, or {"error": "..."}.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	jsonutil "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/yaml"
)

type answer struct {
	Documents []json.RawMessage `json:"documents"`
	Error     string            `json:"error,omitempty"`
}

// As runtime.RawExtension, whose package would take half a minute to compile.
type extension struct{ raw []byte }

func (e *extension) UnmarshalJSON(in []byte) error {
	if !bytes.Equal(in, []byte("null")) {
		e.raw = append([]byte{}, in...)
	}
	return nil
}

// The loop of StreamVisitor in k8s.io/cli-runtime/pkg/resource.
func read(text string) (documents []json.RawMessage, err error) {
	// The bundled reader of YAML may panic where its input makes it look beyond its buffer.
	defer func() {
		if recovered := recover(); recovered != nil {
			err = fmt.Errorf("panic: %v", recovered)
		}
	}()
	documents = []json.RawMessage{}
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(strings.TrimPrefix(text, "\ufeff")), 4096)
	for {
		found := extension{}
		if err := decoder.Decode(&found); err != nil {
			if errors.Is(err, io.EOF) {
				return documents, nil
			}
			return nil, err
		}
		raw := bytes.TrimSpace(found.raw)
		if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
			continue
		}
		// As the decoder of unstructured objects does, which comes next.
		var value any
		if err := jsonutil.Unmarshal(raw, &value); err != nil {
			return nil, err
		}
		compact := bytes.Buffer{}
		if err := json.Compact(&compact, raw); err != nil {
			return nil, err
		}
		documents = append(documents, compact.Bytes())
	}
}

func main() {
	input := json.NewDecoder(bufio.NewReaderSize(os.Stdin, 1<<20))
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	encoder := json.NewEncoder(output)
	for {
		var text string
		if err := input.Decode(&text); err != nil {
			if errors.Is(err, io.EOF) {
				return
			}
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		documents, err := read(text)
		result := answer{Documents: documents}
		if err != nil {
			result = answer{Error: err.Error()}
		}
		if err := encoder.Encode(result); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
