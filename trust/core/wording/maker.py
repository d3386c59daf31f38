"""The catalogue of sentences, third part: the pages on which people join and sign in a browser."""

JOIN_HEADING = "Put your name to your work"
JOIN_TEXT = (
    "Your browser makes a key for you. With it you sign what you deliver, and anyone can check "
    "that it was you. There is no password and no e-mail address."
)
HANDLE_LABEL = "Handle: how you are shown, for example ana"
NAME_LABEL = "Your name, if you want it shown. Nobody checks it, and it can be erased."
JOIN_BUTTON = "Make my key"
KEY_HEADING = "Where your key is"
KEY_TEXT = (
    "In this browser, on this machine. It cannot be read out of it, neither by us nor by you. Who "
    "can use this browser as you can sign as you; so can a page of this registry while it is open "
    "here, if somebody changed it. For work that is worth more, use the command line."
)
LOST_TEXT = (
    "If you delete this site's data, or lose the machine, only your recovery key brings you back."
)
RECOVERY_HEADING = "Write down your recovery key"
RECOVERY_TEXT = (
    "It is shown once and stored nowhere. Whoever holds it can take over who you are here: write "
    "it on paper and keep it where you keep your passport."
)
WRITTEN_LABEL = "I have written it down"
GO_ON_BUTTON = "Join"
JOINED_HEADING = "You have joined, as"
JOINED_TEXT = "Nobody has checked who you are: your page says so until somebody has."
SIGN_LINK = "Sign a file"

SIGN_HEADING = "Sign your work"
SIGN_TEXT = (
    "Your files stay here: only what names them without showing them, a hash, is sent. The file "
    "names and the title become public."
)
FILES_LABEL = "Files"
TITLE_LABEL = "Title, if it has one"
SIGN_BUTTON = "Sign"
PRESENT_LABEL = "Show that I am here: your fingerprint, face or PIN is asked for"
PASSKEY_HEADING = "Show that you were there"
PASSKEY_TEXT = (
    "A key signs whenever a program asks it. With a passkey your browser asks for your "
    "fingerprint, face or PIN each time, and whoever verifies can see that somebody unlocked it "
    "for this very work. It does not show who that was."
)
PASSKEY_BUTTON = "Add a passkey"
SIGNED_HEADING = "Signed, and recorded for everyone to check"
PAGE_LABEL = "Its page"
DOSSIER_LABEL = "Its proof: save it beside the file, and give it to your customer"
CHECK_LABEL = "How your customer checks it"
AGAIN_BUTTON = "Sign something else"
NOBODY_HEADING = "Nobody has joined from this browser"
JOIN_LINK = "Join first"

NO_SCRIPT = (
    "A key can only be made by a program in your browser, and your browser runs none on this page. "
    "The command line needs none: touchplate join."
)
FAULT_LABEL = "That did not work"


def signs_as(host: str) -> str:
    """Say at which registry somebody signs; their handle follows."""
    return f"At {host} you sign as"
