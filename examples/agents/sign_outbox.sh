#!/bin/sh
# Signs what a program leaves in a folder, with an agent of yours and without asking anybody.
#
#     touchplate agent new poet --path '*.md' --media-type 'text/*'     once, by you
#     sh sign_outbox.sh poet outbox                                     from cron, by the program
#
# A file whose dossier lies beside it is signed already. What the registry refuses, because it is out
# of scope or over budget, is named and left, and the script ends with its status.
set -u
agent=$1 outbox=$2 worst=0

for file in "$outbox"/*; do
    case $file in *.touchplate.json) continue ;; esac
    [ -f "$file" ] || continue
    [ -e "$file.touchplate.json" ] && continue
    touchplate sign "$file" --agent "$agent" || worst=$?
done
exit "$worst"
