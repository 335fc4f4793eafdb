"""The NeuroClips app: python app.py, then open the address that it prints."""

from neuroclips.ui.launch import main

if __name__ == "__main__":
    main()
