// What a file really is, and whether it may enter: by its content, never by its name.
//
//   Vault (bytes on disk) ─▶ [check_file] ─▶ FileFacts, or why it is refused
//
// qpdf reads PDFs and ffprobe films, each as a program within bounds (program.h); Word and OpenDocument files are
// looked into as the ZIPs that they are, without being unpacked. Refused is what is encrypted, broken, of another kind,
// larger or longer than the slot allows, and whatever could act on the reader's machine: scripts, actions that start
// something, files inside files, macros, XFA forms.
#pragma once

#include <string>
#include <vector>

#include "domain/awards/cycle/cycle.h"

namespace cityloop::awards {

struct FileFacts {
  std::string media_type;  // as it will be served
  std::string extension;   // ".pdf"
  unsigned pages{0};       // of a PDF
  double seconds{0};       // of a film
  unsigned width{0}, height{0};
  std::vector<std::string> subtitles;  // languages of a film's tracks
};

// Why a file may not enter: `code` is a stable word for the console, the text says it in both languages.
struct Refusal {
  std::string code;  // not_pdf broken encrypted script embedded too_many_pages … ; empty: none
  Bilingual text;
};

struct Checked {
  FileFacts facts;
  Refusal refusal;
  bool fits() const { return refusal.code.empty(); }
};

// An error: it could not be looked at (a program is missing), which says nothing of the file.
base::Result<Checked> check_pdf(const std::string& path, unsigned pages_max);
base::Result<Checked> check_office(const std::string& path);
base::Result<Checked> check_video(const std::string& path, const VideoRule&);
base::Result<Checked> check_image(const std::string& path);
base::Result<Checked> check_file(const std::string& path, const FileSlot&, const VideoRule&);

Checked refused(std::string code, std::string zh, std::string en);
// The first bytes, at most so many.
base::Result<std::string> head_of(const std::string& path, std::size_t bytes);

}  // namespace cityloop::awards
