// The store's schema as numbered steps. A step that has shipped is never edited: its checksum is
// kept in every store, and a difference is an error.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tapedeck {

struct Migration {
  int version;
  std::string_view name;
  std::string_view up;  // SQL statements, run in one transaction
  std::string_view down;
  bool down_loses_rows;  // needs force
};

// Rising by version, without holes, from 1.
std::span<const Migration> builtin_migrations();

// sha256 of name, up and down.
std::string checksum_of(const Migration& migration);

}  // namespace tapedeck
